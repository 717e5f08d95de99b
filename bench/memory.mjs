/**
 * What a key and a connection cost: growth of resident memory in fresh servers, ours beside redis-server.
 *
 * Keys have 16 bytes and values 32, set one by one in a pipeline as a client would; nothing is taken from a server's
 * own accounting. A connection counts after it has sent one PING, so that whatever is made on first use is there.
 */
import net from 'node:net';
import { fixed, median, thousands } from './numbers.mjs';
import { ask, pause, residentKiB } from './servers.mjs';

const BATCH = 20_000;
const VALUE = 'v'.repeat(32);
const SETTLE_MS = 2_000;
const CONNECT_AT_ONCE = 100;

/** Bytes per key of both servers, and their ratio. */
export async function measureKeys({ keys, start }, verdicts) {
  const bytes = {};
  const resident = {};
  for (const kind of ['ours', 'real']) {
    const server = await start(kind);
    await ask(server.port, 'PING\r\n');
    await pause(SETTLE_MS);
    const before = residentKiB(server.pid);
    await fill(server.port, keys);
    await pause(SETTLE_MS);
    resident[kind] = residentKiB(server.pid);
    bytes[kind] = ((resident[kind] - before) * 1024) / keys;
    await server.stop();
  }
  const ratio = bytes.ours / bytes.real;
  const verdict = verdicts.judge('memory per key', `${thousands(keys)} keys`, ratio);
  console.log(`\nmemory, ${thousands(keys)} keys of 16 bytes with values of 32`);
  for (const kind of ['ours', 'real']) {
    console.log(
      `  ${kind.padEnd(6)}${fixed(bytes[kind], 1)} bytes a key, resident ${fixed(resident[kind] / 1024, 0)} MiB`,
    );
  }
  console.log(`  ratio ${fixed(ratio)} ${verdict}, of resident memory ${fixed(resident.ours / resident.real)}`);
  return { keys, bytes, resident, ratio };
}

/** One connection for all: a batch goes out when the ECHO behind the last one has come back. */
export async function fill(port, keys) {
  for (let from = 0; from < keys; from += BATCH) {
    const parts = [];
    for (let i = from; i < Math.min(from + BATCH, keys); i++) {
      parts.push(`*3\r\n$3\r\nSET\r\n$16\r\nkey:${String(i).padStart(12, '0')}\r\n$32\r\n${VALUE}\r\n`);
    }
    await ask(port, `${parts.join('')}*2\r\n$4\r\nECHO\r\n$4\r\n~end\r\n`, (answer) => answer.endsWith('~end\r\n'));
  }
}

/** KiB for each of `count` connections that have said PING once and are silent now. */
export async function measureConnections({ count, start }, verdicts) {
  const kib = {};
  for (const kind of ['ours', 'real']) {
    const server = await start(kind, { maxclients: String(count + 100) });
    await pause(SETTLE_MS);
    const before = residentKiB(server.pid);
    const sockets = [];
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(CONNECT_AT_ONCE, count - sockets.length) }, () => greet(server.port));
      sockets.push(...(await Promise.all(some)));
    }
    await pause(SETTLE_MS);
    kib[kind] = (residentKiB(server.pid) - before) / count;
    for (const socket of sockets) socket.destroy();
    await server.stop();
  }
  const verdict = verdicts.judge('idle connection', `${thousands(count)} of them`, kib.ours);
  console.log(
    `\n${thousands(count)} idle connections: ${fixed(kib.ours, 1)} KiB each ${verdict}, redis ${fixed(kib.real, 1)}`,
  );
  return { count, kib };
}

function greet(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', () => resolve(socket.on('error', () => {})));
    socket.once('error', reject);
    socket.setTimeout(30_000, () => reject(new Error('a connection got no PONG in 30 s')));
  });
}

/** Milliseconds from calling the program to its first PONG: the median of `rounds` starts. */
export async function measureStart({ rounds, start }, verdicts) {
  const startMs = {};
  for (const kind of ['ours', 'real']) {
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      const server = await start(kind);
      taken.push(server.startedMs);
      await server.stop();
    }
    startMs[kind] = median(taken);
  }
  const verdict = verdicts.judge('start to PONG', '', startMs.ours);
  console.log(`\nstart to first PONG: ${fixed(startMs.ours, 0)} ms ${verdict}, redis ${fixed(startMs.real, 0)} ms`);
  return startMs;
}
