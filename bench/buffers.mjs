/**
 * What long requests, long replies and deaf clients cost: time and resident memory, ours beside redis-server.
 *
 *   node bench/buffers.mjs
 *
 * One value of 512 MiB goes in, comes out, comes out nine times in one reply; then a hundred clients ask for 10 MB each
 * and read nothing. What counts is that memory follows what is really held, and comes back: `after` is some seconds
 * later. The first touch of fresh memory is slow on virtual machines, so times of the first round say little. Ours is
 * started as `npm start` starts it, with glibc told to give buffers back (src/kit/launch.ts).
 */
import net from 'node:net';
import { fixed, thousands } from './numbers.mjs';
import { pause, residentKiB, startServer, stopAll } from './servers.mjs';

const MIB = 1024 * 1024;
const VALUE = Buffer.alloc(512 * MIB, 'v');
const DEAF = 100;
const SETTLE_MS = 7_000;

/** One connection that counts what it reads. */
class Counter {
  #read = 0;
  #wanted = 0;
  #done = () => {};

  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.on('error', () => {});
    this.socket.on('data', (chunk) => {
      this.#read += chunk.length;
      if (this.#read >= this.#wanted) this.#done();
    });
  }

  /** Milliseconds until so many bytes of reply were read. */
  async take(parts, bytes) {
    const begunAt = performance.now();
    this.#read = 0;
    this.#wanted = bytes;
    const read = new Promise((resolve) => {
      this.#done = resolve;
    });
    for (const part of parts) this.socket.write(part);
    await read;
    return performance.now() - begunAt;
  }
}

function row(what, ms, pid) {
  console.log(
    `  ${what.padEnd(34)}${thousands(ms).padStart(8)} ms${fixed(residentKiB(pid) / 1024, 0).padStart(8)} MiB`,
  );
}

/** What src/kit/launch.ts gives its nodes. */
process.env.MALLOC_ARENA_MAX = '1';
process.env.MALLOC_MMAP_THRESHOLD_ = '131072';

async function measure(kind) {
  const server = await startServer({ kind });
  const { pid, port } = server;
  console.log(`\n${kind}`);
  row('started', server.startedMs, pid);
  const client = new Counter(port);
  const reply = VALUE.length + 14;
  row(
    'SET of 512 MiB',
    await client.take([`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${VALUE.length}\r\n`, VALUE, '\r\n'], 5),
    pid,
  );
  row('GET of it', await client.take(['GET k\r\n'], reply), pid);
  row('GET again', await client.take(['GET k\r\n'], reply), pid);
  row('MGET, nine times in one reply', await client.take(['MGET k k k k k k k k k\r\n'], 4 + 9 * reply), pid);
  await pause(SETTLE_MS);
  row('after', SETTLE_MS, pid);
  await client.take([`SET k ${'v'.repeat(10_000)}\r\n`], 5);
  const deaf = Array.from({ length: DEAF }, () =>
    net
      .connect(port, '127.0.0.1')
      .pause()
      .on('error', () => {}),
  );
  for (const socket of deaf) socket.write('GET k\r\n'.repeat(1000));
  await pause(3_000);
  row(`${DEAF} deaf clients, 10 MB each`, 3_000, pid);
  let slowest = 0;
  for (let i = 0; i < 1000; i++) slowest = Math.max(slowest, await client.take(['PING\r\n'], 7));
  row('slowest of 1,000 PINGs meanwhile', slowest, pid);
  for (const socket of deaf) socket.destroy();
  await pause(SETTLE_MS);
  row('after', SETTLE_MS, pid);
  client.socket.destroy();
  await server.stop();
}

try {
  for (const kind of ['ours', 'real']) await measure(kind);
} finally {
  await stopAll();
}
