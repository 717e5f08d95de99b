/**
 * Where a server listens: what `bind` may say, a unix socket and its rights, and the lines where that cannot be.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/node/config.js';
import { type Listening, listenOn, listenOnPath } from '../../src/server/net/listeners.js';
import { stubOf } from '../support/commander.js';
import { freePort } from './one-server.js';

const BACKLOG = 511;
/** Kept for documentation: no machine has it (RFC 5737). */
const NOT_OURS = '192.0.2.1';

const open: Server[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sextet-listening-'));

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly listening: Listening;
  readonly notes: string[];
}

async function listenTo(addresses: readonly string[], port: number): Promise<Outcome> {
  const notes: string[] = [];
  const listening = await listenOn(addresses, port, BACKLOG, createServer, (line) => notes.push(line));
  if (listening.ok) open.push(...listening.servers);
  return { listening, notes };
}

const placesOf = ({ listening }: Outcome): string[] =>
  listening.ok ? listening.servers.map((server) => (server.address() as { address: string }).address) : [];

describe('bind', () => {
  test('* is all of IPv4', async () => {
    expect(placesOf(await listenTo(['*'], await freePort()))).toEqual(['0.0.0.0']);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'));
  test.runIf(hasIpv6)('* and ::* go together, each for its own family', async () => {
    expect(placesOf(await listenTo(['*', '-::*'], await freePort()))).toEqual(['0.0.0.0', '::']);
  });

  test('a name is looked up as IPv4', async () => {
    expect(placesOf(await listenTo(['localhost'], await freePort()))).toEqual(['127.0.0.1']);
  });

  test('with - in front an address may be missing, and is noted', async () => {
    const port = await freePort();
    const outcome = await listenTo([`-${NOT_OURS}`, '127.0.0.1'], port);
    expect(placesOf(outcome)).toEqual(['127.0.0.1']);
    const reason = 'bind: Cannot assign requested address';
    expect(outcome.notes).toEqual([
      `Warning: Could not create server TCP listening socket ${NOT_OURS}:${port}: ${reason}`,
    ]);
  });

  test('without it, nothing is listened to', async () => {
    const port = await freePort();
    const { listening } = await listenTo(['127.0.0.1', NOT_OURS], port);
    expect(listening).toEqual({ ok: false, line: `Failed listening on port ${port} (TCP), aborting.` });
    expect(placesOf(await listenTo(['127.0.0.1'], port))).toEqual(['127.0.0.1']); // it was given back
  });

  test('a taken port is never optional', async () => {
    const port = await freePort();
    await listenTo(['127.0.0.1'], port);
    const { listening, notes } = await listenTo(['-127.0.0.1'], port);
    expect(listening.ok).toBe(false);
    const reason = 'bind: Address already in use';
    expect(notes).toEqual([`Warning: Could not create server TCP listening socket 127.0.0.1:${port}: ${reason}`]);
  });
});

describe('a unix socket', () => {
  async function listenToPath(unixsocket: string, unixsocketperm: number): Promise<Listening> {
    const config = stubOf<Config>('the configuration', { unixsocket, unixsocketperm, tcpBacklog: BACKLOG });
    const listening = await listenOnPath(config, createServer(), () => {});
    if (listening.ok) open.push(...listening.servers);
    return listening;
  }

  const rightsOf = (path: string): number => statSync(path).mode & 0o777;
  const umask = (): number => {
    const now = process.umask(0o022);
    process.umask(now);
    return now;
  };

  test('has the rights that were wanted, whatever the umask, which stays as it was', async () => {
    const before = umask();
    for (const rights of [0o700, 0o660, 0o777]) {
      const path = join(folder, `s${rights}`);
      expect((await listenToPath(path, rights)).ok).toBe(true);
      expect([rightsOf(path), umask()]).toEqual([rights, before]);
    }
  });

  test('has the usual rights if none were wanted', async () => {
    const path = join(folder, 'usual');
    await listenToPath(path, 0);
    expect(rightsOf(path)).toBe(0o777 & ~umask());
  });

  test('takes the place of what an earlier server left', async () => {
    const path = join(folder, 'left');
    writeFileSync(path, '');
    expect((await listenToPath(path, 0)).ok).toBe(true);
  });

  test('needs a folder that is there', async () => {
    expect(await listenToPath(join(folder, 'none', 's'), 0)).toEqual({
      ok: false,
      line: 'Failed opening Unix socket: bind: No such file or directory',
    });
  });

  test('does not take the place of a folder', async () => {
    const path = join(folder, 'folder');
    mkdirSync(path);
    expect(await listenToPath(path, 0)).toEqual({
      ok: false,
      line: 'Failed opening Unix socket: bind: Address already in use',
    });
  });
});
