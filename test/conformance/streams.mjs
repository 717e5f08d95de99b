/**
 * Random streams of bytes to a redis-server and to ours: the same replies, and the same connections closed?
 *
 *   node test/conformance/streams.mjs [--count 2000] [--seed 1]
 *
 * Streams are made of whole requests, broken ones and single letters, so that most of them go wrong somewhere. What is
 * known to differ (docs/DIFFERENCES.md, connections) is not among the parts. Ends with `N passed, N failed`.
 */
import net from 'node:net';
import { parseArgs } from 'node:util';
import { startServer, stopAll } from '../../bench/servers.mjs';
import { seeded } from '../golden/chance.mjs';

const AT_ONCE = 40;
/** A connection that has said nothing for so long has said all. */
const SILENCE_MS = 150;
const SHOWN = 10;

// biome-ignore format: a list
const PARTS = [
  '*1\r\n$4\r\nPING\r\n', '*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n', 'PING\r\n', 'PING 1\r\n', 'ECHO "a b"\r\n',
  'ECHO ', "ECHO 'x\\'y'\r\n", 'ECHO "\\x41\\n"\r\n', 'SET k v\r\n', 'GET k\r\n', 'QUIT\r\n', 'MULTI\r\n',
  'EXEC\r\n', 'RESET\r\n', 'DISCARD\r\n', 'POST /\r\n', '\r\n', '\n', '\r', '*0\r\n', '*-1\r\n', '*-5\r\n',
  '*00\r\n', '*1\r\n', '*2\r\n', '*3\r\n', '*9999999999\r\n', '$4\r\n', '$3\r\n', '$0\r\n\r\n', '$-1\r\n',
  '$99999999999\r\n', '*', '$', '1', '2', '3', '0', '-', '+', ' ', '\t', '\x0b', '\x0c', '"', "'", '\\', '\\x',
  'x41', 'a', 'PING', '\0', '\xff', '\x80', '\xe9',
];

const { values: options } = parseArgs({
  options: { count: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});

const chance = seeded(Number(options.seed));
const random = (end) => Math.floor(chance() * end);

function makeStream() {
  const parts = Array.from({ length: 1 + random(14) }, () => PARTS[random(PARTS.length)]);
  return Buffer.from(parts.join(''), 'latin1');
}

/** All that comes back, and `open` or `closed`. */
function converse(port, bytes) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const heard = [];
    let timer;
    const end = (how) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(`${Buffer.concat(heard).toString('latin1')} ${how}`);
    };
    const listen = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(end, ms, 'open');
    };
    listen(10_000);
    socket.on('data', (chunk) => {
      heard.push(chunk);
      listen(SILENCE_MS);
    });
    socket.on('close', () => end('closed'));
    socket.on('error', () => {}); // 'close' follows
    socket.write(bytes, () => listen(SILENCE_MS));
  });
}

let failed = 0;

async function compare(real, ours, stream) {
  const [expected, given] = await Promise.all([converse(real.port, stream), converse(ours.port, stream)]);
  if (expected === given) return;
  failed++;
  if (failed > SHOWN) return;
  console.log(`${JSON.stringify(stream.toString('latin1'))}\n  redis ${JSON.stringify(expected)}`);
  console.log(`  ours  ${JSON.stringify(given)}`);
}

try {
  const [real, ours] = await Promise.all([startServer({ kind: 'real' }), startServer({ kind: 'ours' })]);
  const streams = Array.from({ length: Number(options.count) }, makeStream);
  for (let i = 0; i < streams.length; i += AT_ONCE)
    await Promise.all(streams.slice(i, i + AT_ONCE).map((stream) => compare(real, ours, stream)));
  console.log(`${streams.length - failed} passed, ${failed} failed`);
} finally {
  await stopAll();
}
process.exitCode = failed === 0 ? 0 : 1;
