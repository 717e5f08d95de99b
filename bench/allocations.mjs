/**
 * What a command leaves on the JavaScript heap: nothing, or it is told. Counts, so a busy machine does not matter.
 *
 *   node --expose-gc --max-semi-space-size=256 --min-semi-space-size=256 --import tsx bench/allocations.mjs
 *
 * A whole node in this process is given 100,000 commands, sixteen at a time, and the heap is looked at before and
 * behind; it is so large that nothing is collected meanwhile. What a read costs (a reply that leaves, the end of a
 * turn) is counted with PING, and taken off. Ends with `N passed, N failed`.
 */
import v8 from 'node:v8';
import { encodeRequest } from '../src/resp/reply-reader.js';
import { LoneNode } from '../test/support/lone-node.js';

const COMMANDS = 100_000;
const AT_ONCE = 16;
const WARM_UP = 3;
/** Less than any object has. */
const NOTHING = 8;

const small = (i) => i % 1000;
const any = (i) => (i * 7919) % 20_011;

// biome-ignore format: a table
const ROWS = [
  // command            bytes on the heap that are known, and request i
  ['SET',               0,  (i) => ['SET', `k${any(i)}`, `v${i % 10}`]],
  ['SET EX',            16, (i) => ['SET', `k${any(i)}`, 'v', 'EX', '100']], // the moment is a double that is handed on
  ['GET',               0,  (i) => ['GET', `k${any(i)}`]],
  ['INCR',              0,  (i) => ['INCR', `c${any(i)}`]],
  ['APPEND',            0,  (i) => ['APPEND', `a${any(i)}`, 'abc']],
  ['MSET',              0,  (i) => ['MSET', ...Array.from({ length: 20 }, (_, k) => `k${any(i + k)}`)]],
  ['MGET',              0,  (i) => ['MGET', ...Array.from({ length: 10 }, (_, k) => `k${any(i + k)}`)]],
  ['EXPIRE',            0,  (i) => ['EXPIRE', `k${any(i)}`, '100']],
  ['DEL',               0,  (i) => ['DEL', `none${any(i)}`]],
  ['LPUSH',             0,  (i) => ['LPUSH', `l${i % 10}`, `e${i % 100}`]],
  ['LRANGE',            0,  (i) => ['LRANGE', `l${i % 10}`, '0', '99']],
  ['LMOVE',             0,  () => ['LMOVE', 'l1', 'l1', 'LEFT', 'RIGHT']],
  ['RPOP',              0,  (i) => ['RPOP', `l${i % 10}`]],
  ['SADD',              0,  (i) => ['SADD', `s${i % 10}`, `m${any(i)}`]],
  ['SADD of integers',  0,  (i) => ['SADD', `i${small(i)}`, `${any(i)}`]],
  ['SMEMBERS',          0,  (i) => ['SMEMBERS', `i${small(i)}`]],
  ['SPOP',              0,  (i) => ['SPOP', `s${i % 10}`]],
  ['HSET',              0,  (i) => ['HSET', `h${i % 10}`, `f${any(i)}`, 'v']],
  ['HSET of a few',     0,  (i) => ['HSET', `f${small(i)}`, `f${i % 23}`, 'v']],
  ['HGET',              0,  (i) => ['HGET', `h${i % 10}`, `f${any(i)}`]],
  ['HGETALL',           0,  (i) => ['HGETALL', `f${small(i)}`]],
  ['HINCRBY',           0,  (i) => ['HINCRBY', `n${i % 10}`, `f${i % 200}`, '1']],
  ['ZADD',              0,  (i) => ['ZADD', `z${i % 10}`, `${any(i)}`, `m${any(i + 1)}`]],
  ['ZADD of a few',     0,  (i) => ['ZADD', `y${small(i)}`, `${any(i)}`, `m${i % 29}`]],
  ['ZRANGE',            0,  (i) => ['ZRANGE', `z${i % 10}`, '0', '9']],
  ['ZRANGEBYSCORE',     0,  (i) => ['ZRANGEBYSCORE', `z${i % 10}`, '5000', '5010', 'LIMIT', '0', '10']],
  ['ZSCORE',            0,  (i) => ['ZSCORE', `z${i % 10}`, `m${any(i)}`]],
  ['ZPOPMIN',           0,  (i) => ['ZPOPMIN', `z${i % 10}`]],
];

const server = new LoneNode('save ""');
const connection = server.connect();
connection.write = () => {}; // what is heard is not kept
const { node, host } = server;

/** The bytes of all commands, as so many reads. */
function readsOf(make) {
  const reads = [];
  for (let i = 0; i < COMMANDS; i += AT_ONCE)
    reads.push(Buffer.concat(Array.from({ length: AT_ONCE }, (_, k) => encodeRequest(make(i + k)))));
  return reads;
}

function play(reads) {
  for (const bytes of reads) {
    bytes.copy(node.intake.shared, 0);
    node.received(connection.client, bytes.length);
    host.finishTurn();
  }
}

/** Bytes a command, the least of three rounds: what V8 compiles meanwhile is none of ours. */
function bytesOf(make) {
  const reads = readsOf(make);
  for (let round = 0; round < WARM_UP; round++) play(reads);
  const rounds = Array.from({ length: 3 }, () => {
    globalThis.gc();
    const before = v8.getHeapStatistics().used_heap_size;
    play(reads);
    return (v8.getHeapStatistics().used_heap_size - before) / COMMANDS;
  });
  return Math.min(...rounds);
}

const ofARead = bytesOf(() => ['PING']);
let failed = 0;
for (const [name, known, make] of ROWS) {
  const bytes = bytesOf(make) - ofARead;
  const isFine = bytes < known + NOTHING;
  if (!isFine) failed++;
  console.log(`${isFine ? '     ' : 'FAIL '}${name.padEnd(18)}${bytes.toFixed(1).padStart(7)} bytes`);
}
console.log(`${ROWS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
