/**
 * The places a server listens at: TCP for clients, a unix socket, the cluster bus.
 *
 * `bind`: an address with `-` in front may be missing on this machine; `*` and `::*` mean all of IPv4 and of IPv6.
 */
import { lookup } from 'node:dns/promises';
import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { isIP, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '../../node/config.js';

export type Listening = { ok: true; servers: Server[] } | { ok: false; line: string };

/** One word of `bind`. */
export interface Place {
  readonly host: string;
  /** It may be missing on this machine. */
  readonly optional: boolean;
}

const ALL_ADDRESSES = new Map([
  ['*', '0.0.0.0'],
  ['::*', '::'],
]);

export function placeOf(written: string): Place {
  const optional = written.startsWith('-');
  const address = optional ? written.slice(1) : written;
  return { host: ALL_ADDRESSES.get(address) ?? address, optional };
}

/** One server per address, all made by `make`; what cannot be opened is noted with its reason. */
export async function listenOn(
  addresses: readonly string[],
  port: number,
  backlog: number,
  make: () => Server,
  note: (line: string) => void,
): Promise<Listening> {
  const servers: Server[] = [];
  for (const written of addresses) {
    const { host, optional } = placeOf(written);
    const server = make();
    const error = await listenAt(server, host, port, backlog, note);
    if (error === null) {
      servers.push(server);
      continue;
    }
    note(
      `Warning: Could not create server TCP listening socket ${written.slice(optional ? 1 : 0)}:${port}: ${wordsOf(error)}`,
    );
    if ((optional && error.code === 'EADDRNOTAVAIL') || NO_SUCH_PROTOCOL.has(error.code ?? '')) continue;
    for (const open of servers) open.close();
    return { ok: false, line: `Failed listening on port ${port} (TCP), aborting.` };
  }
  return { ok: true, servers };
}

/** A machine without IPv6 listens where it can. */
const NO_SUCH_PROTOCOL = new Set(['EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPFNOSUPPORT', 'ENOPROTOOPT']);

async function listenAt(
  server: Server,
  wanted: string,
  port: number,
  backlog: number,
  note: (line: string) => void,
): Promise<NodeJS.ErrnoException | null> {
  const host = isIP(wanted) > 0 ? wanted : await lookup(wanted, { family: 4 }).catch((error: Error) => error);
  if (host instanceof Error) return host;
  const where = { host: typeof host === 'string' ? host : host.address, port, backlog };
  return listen(server, note, () => server.listen({ ...where, ipv6Only: where.host.includes(':') }));
}

/** The socket file is never open wider than wanted, not for a moment: it is made while the umask forbids the rest. */
export async function listenOnPath(config: Config, server: Server, note: (line: string) => void): Promise<Listening> {
  const { unixsocket: path, unixsocketperm: rights, tcpBacklog: backlog } = config;
  removeOld(path);
  const error = await listen(server, note, () => {
    const before = rights === 0 ? null : process.umask(0o777 & ~rights);
    server.listen({ path, backlog });
    if (before !== null) process.umask(before);
  });
  if (error !== null) return { ok: false, line: `Failed opening Unix socket: ${wordsOf(asBindSays(error, path))}` };
  if (rights !== 0) chmodSync(path, rights);
  return { ok: true, servers: [server] };
}

/** Node says EACCES, as Windows would, where there is no such folder. */
function asBindSays(error: NodeJS.ErrnoException, path: string): NodeJS.ErrnoException {
  if (error.code !== 'EACCES' || existsSync(dirname(path))) return error;
  return Object.assign(new Error(error.message), { code: 'ENOENT' });
}

/** What an earlier server left. What cannot be removed shows when we listen. */
function removeOld(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // nothing was there
  }
}

/** `begin` calls server.listen. The server stays open when a connection cannot be accepted: only that one is lost. */
function listen(
  server: Server,
  note: (line: string) => void,
  begin: () => void,
): Promise<NodeJS.ErrnoException | null> {
  return new Promise((done) => {
    const failed = (error: NodeJS.ErrnoException): void => done(error);
    server.once('error', failed);
    server.once('listening', () => {
      server.off('error', failed);
      server.on('error', (error) => note(`Accepting client connection: accept: ${strerror(error)}`));
      done(null);
    });
    begin();
  });
}

function wordsOf(error: NodeJS.ErrnoException): string {
  return error.syscall === 'getaddrinfo' ? 'Name or service not known' : `bind: ${strerror(error)}`;
}

/** In the words of the system, as far as they come up when one listens. */
function strerror(error: NodeJS.ErrnoException): string {
  return SAYINGS[error.code ?? ''] ?? error.message;
}

const SAYINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EACCES: 'Permission denied',
  EMFILE: 'Too many open files',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  ENOMEM: 'Cannot allocate memory',
  ECONNABORTED: 'Software caused connection abort',
};
