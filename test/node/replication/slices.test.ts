/**
 * The loop is nobody's for long: work is counted for each turn, on a machine where a byte that is loaded or sent and a
 * command that is run have their price in time.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { RdbLoader } from '../../../src/persistence/rdb-reader.js';
import { family } from '../../support/copies.js';
import type { LittleNode } from '../../support/little-world.js';
import { LoneNode } from '../../support/lone-node.js';
import { following, type OneLinkHost } from '../../support/one-link.js';
import type { Node } from '../../../src/node/node.js';

const MOST_MS = 20;
/** What the system hands over in one turn, if it has it: libuv reads so often before it looks at others. */
const CHUNK_BYTES = 64 * 1024;
const CHUNKS_A_TURN = 32;
/** A machine that is not quick: 10 MB are loaded in a second, and two hundred thousand commands run. */
const MS_A_BYTE = 0.0001;
const MS_A_COMMAND = 0.005;

const KEYS = 60_000;

afterEach(() => vi.restoreAllMocks());

const populated = (keys: number): Buffer => {
  const server = new LoneNode('enable-debug-command yes', 'rdbcompression no');
  const client = server.connect();
  client.run('DEBUG', 'POPULATE', String(keys), 'key', '32');
  client.run('SAVE');
  return Buffer.from(server.host.pages.get('dump.rdb') ?? []);
};

/** Feeds as libuv does, until all is taken and nothing is left to do; the longest turn, in ms of work. */
function deliver(host: OneLinkHost, bytes: Buffer, work: () => number): number {
  let longest = 0;
  let at = 0;
  let idle = 0;
  while (idle < 5) {
    const before = work();
    const from = at;
    for (let n = 0; n < CHUNKS_A_TURN && at < bytes.length && !host.isPaused; n++) {
      host.events?.onBytes(bytes.subarray(at, at + CHUNK_BYTES));
      at += CHUNK_BYTES;
    }
    host.turnIsOver();
    host.pass(1); // a file was synced, beside this
    longest = Math.max(longest, work() - before);
    idle = at === from && work() === before ? idle + 1 : 0;
  }
  expect(at).toBeGreaterThanOrEqual(bytes.length);
  return longest;
}

/** Work makes time pass. */
function priced(host: OneLinkHost, node: Node): () => number {
  let loaded = 0;
  const feed = RdbLoader.prototype.feed;
  vi.spyOn(RdbLoader.prototype, 'feed').mockImplementation(function (this: RdbLoader, bytes) {
    loaded += bytes.length;
    return feed.call(this, bytes);
  });
  const work = (): number => loaded * MS_A_BYTE + node.dispatcher.processed * MS_A_COMMAND;
  const base = host.nowMs;
  host.monotonicMs = () => base + work();
  return work;
}

describe('at a replica', () => {
  const file = populated(KEYS);

  test.each(['disabled', 'on-empty-db', 'swapdb'])('that loads with repl-diskless-load %s', (mode) => {
    const { host, node } = following(`repl-diskless-load ${mode}`);
    host.countsTurns = true;
    host.hear('+PONG\r\n');
    host.hear('+OK\r\n+OK\r\n');
    host.hear(`+FULLRESYNC ${'a'.repeat(40)} 0\r\n$${file.length}\r\n`);
    const work = priced(host, node);
    const longest = deliver(host, file, work);
    expect(node.engine.size).toBe(KEYS);
    expect(node.replication.isConnected).toBe(true);
    expect(work()).toBeGreaterThan(5 * MOST_MS);
    expect(longest).toBeLessThan(MOST_MS);
  });

  test('that catches up with the stream', () => {
    const { host, node } = following();
    host.countsTurns = true;
    host.hear('+PONG\r\n');
    host.hear('+OK\r\n+OK\r\n');
    const empty = populated(0);
    host.hear(`+FULLRESYNC ${'a'.repeat(40)} 0\r\n$${empty.length}\r\n`);
    const sets = Array.from({ length: KEYS }, (_, i) => encodeRequest(['SET', `key:${i}`, 'v']));
    const work = priced(host, node);
    const longest = deliver(host, Buffer.concat([empty, ...sets]), work);
    expect(node.engine.size).toBe(KEYS);
    expect(work()).toBeGreaterThan(5 * MOST_MS);
    expect(longest).toBeLessThan(MOST_MS);
  });
});

describe('at a primary', () => {
  test('a replica that lagged is sent a part of the backlog in each turn, be its link as quick as it may', () => {
    const { all, nodes } = family(2, 'repl-backlog-size 30mb', 'client-output-buffer-limit replica 0 0 0');
    const [primary] = nodes as [LittleNode, LittleNode];
    const [replica] = primary.node.replication.replicas.clients;
    if (replica === undefined) throw new Error('nobody follows');
    let queued = 2 ** 30;
    let written = 0;
    Object.assign(replica.link, {
      queuedBytes: () => queued,
      write: (bytes: Uint8Array) => (written += bytes.length),
    });
    for (let i = 0; i < 200; i++) primary.run('SET', 'big', 'x'.repeat(100_000));
    all.pass(1);
    expect(written).toBe(0);
    queued = 0;
    let longest = 0;
    const ends: (() => void)[] = [];
    primary.host.endOfTurn = (run) => void ends.push(run);
    for (let turn = 0; turn < 200; turn++) {
      const before = written;
      primary.host.nowMs = Math.floor(primary.host.nowMs);
      all.pass(1);
      for (const run of ends.splice(0)) run();
      longest = Math.max(longest, written - before);
    }
    expect(written).toBeGreaterThan(20_000_000);
    expect(longest).toBeLessThan(3_000_000);
  });
});
