/**
 * The places a server listens at: TCP for clients, a unix socket, the cluster bus.
 *
 * `bind`: an address with `-` in front may be missing on this machine; `*` and `::*` mean all of IPv4 and of IPv6.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import type { Config } from '../node/config.js';

export type Listening = { ok: true; servers: Server[] } | { ok: false; line: string };

/** One server per address, all made by `make`; `what` is named in the log: `TCP` or `bus`. */
export async function listenOn(
  addresses: readonly string[],
  port: number,
  backlog: number,
  make: () => Server,
  note: (line: string) => void,
): Promise<Listening> {
  const servers: Server[] = [];
  for (const written of addresses) {
    const optional = written.startsWith('-');
    const address = optional ? written.slice(1) : written;
    const host = address === '*' ? '0.0.0.0' : address === '::*' ? '::' : address;
    const server = make();
    const error = await listen(server, { host, port, backlog, ipv6Only: host.includes(':') });
    if (error === null) {
      servers.push(server);
      continue;
    }
    if (optional && MISSING.has(error.code ?? '')) continue;
    note(`Warning: Could not create server TCP listening socket ${address}:${port}: ${wordsOf(error)}`);
    for (const open of servers) open.close();
    return { ok: false, line: `Failed listening on port ${port} (TCP), aborting.` };
  }
  return { ok: true, servers };
}

/** The machine has no such address, or no IPv6. */
const MISSING = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'EINVAL', 'ENOTFOUND']);

export async function listenOnPath(config: Config, server: Server, note: (line: string) => void): Promise<Listening> {
  const path = config.unixsocket;
  rmSync(path, { force: true });
  const before = process.umask(0o777 & ~(config.unixsocketperm || 0o777)); // never too open, not for a moment
  const error = await listen(server, { path, backlog: config.tcpBacklog });
  process.umask(before);
  if (error !== null) {
    note(`Failed opening Unix socket: bind: ${wordsOf(error)}`);
    return { ok: false, line: 'Failed opening Unix socket, aborting.' };
  }
  if (config.unixsocketperm !== 0) chmodSync(path, config.unixsocketperm);
  return { ok: true, servers: [server] };
}

type Where = { host: string; port: number; backlog: number; ipv6Only: boolean } | { path: string; backlog: number };

function listen(server: Server, where: Where): Promise<NodeJS.ErrnoException | null> {
  return new Promise((done) => {
    const failed = (error: NodeJS.ErrnoException): void => done(error);
    server.once('error', failed);
    server.listen(where, () => {
      server.off('error', failed);
      server.on('error', () => {}); // EMFILE on accept: the connection is lost, the server is not
      done(null);
    });
  });
}

function wordsOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'bind: Address already in use';
    case 'EACCES':
      return 'bind: Permission denied';
    case 'EADDRNOTAVAIL':
      return 'bind: Cannot assign requested address';
    default:
      return error.message;
  }
}
