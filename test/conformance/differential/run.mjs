/**
 * Random commands to a redis-server and to ours: the same replies to the byte, and the same keys behind them?
 *
 *   node test/conformance/differential/run.mjs [--cases 200] [--length 150] [--seed 1] [--only ZRANGE,ZADD]
 *
 * A case is a fresh connection to two empty servers with the same limits for small collections, in RESP2 or RESP3. At
 * its end every key is compared: type, encoding, time of death, digest. What differs is told with the shortest sequence
 * of commands that still shows it. Ends with `N passed, N failed`, where N counts cases.
 *
 * What may be said is in commands.mjs, how replies are compared in replies.mjs.
 */
import { once } from 'node:events';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { encode } from '../replication/servers.mjs';
import { besideRedis, CONFIG, LIMITS } from './beside.mjs';
import { LINES, POOLS } from './commands.mjs';
import { makeRequest, parseLine, Random } from './grammar.mjs';
import { figuresIn, Replies, Rules } from './replies.mjs';

const SHOWN = 15;
const PATIENCE_MS = 10_000;
const DATABASES = ['0', '1', '2'];

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '200' },
    length: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});

const only = options.only === '' ? [] : options.only.toUpperCase().split(',');
const TREES = LINES.filter((line) => only.length === 0 || only.some((name) => line.split(/[^A-Z]+/).includes(name)));
const trees = TREES.map(parseLine);
if (trees.length === 0) throw new Error(`no line has ${options.only}`);

const words = (line) => line.split(' ').map((word) => Buffer.from(word, 'latin1'));

/** The replies to requests that go out in one piece. */
async function converse(port, requests) {
  const socket = net.connect(port, '127.0.0.1');
  const replies = new Replies();
  const heard = [];
  const done = new Promise((resolve, reject) => {
    const fail = (why) => () => reject(new Error(`port ${port}, ${printed(requests[heard.length])}: ${why}`));
    socket.setTimeout(PATIENCE_MS, fail('no reply'));
    socket.on('error', fail('broken'));
    socket.on('close', fail('closed'));
    socket.on('data', (chunk) => {
      replies.feed(chunk);
      for (let reply = replies.next(); reply !== null; reply = replies.next()) heard.push(reply);
      if (heard.length >= requests.length) resolve();
    });
  });
  await once(socket, 'connect');
  socket.write(Buffer.concat(requests.map((args) => encode(...args))));
  await done;
  socket.removeAllListeners('close').destroy();
  return heard;
}

/** What stands before the commands of a case: an empty server, its limits, a protocol. */
function prologue(random) {
  const limits = Object.entries(LIMITS).map(([name, choices]) => words(`CONFIG SET ${name} ${random.pick(choices)}`));
  const figures = [words('DEBUG SET-ACTIVE-EXPIRE 0'), words('CONFIG RESETSTAT'), words('INFO everything')];
  return [words('FLUSHALL'), ...limits, ...figures, words(`HELLO ${2 + random.below(2)}`)];
}

/** What is asked about the keys behind them. */
function epilogue(keys) {
  const asked = [words('DISCARD'), words('HELLO 2'), words('INFO everything')];
  for (const database of DATABASES) {
    asked.push(words(`SELECT ${database}`), words('DBSIZE'));
    for (const key of keys)
      for (const question of ['TYPE', 'OBJECT ENCODING', 'PEXPIRETIME', 'DUMP', 'DEBUG DIGEST-VALUE'])
        asked.push([...words(question), key]);
  }
  return asked;
}

function keysIn(requests) {
  const texts = new Set(requests.flat().map((arg) => arg.toString('latin1')));
  return [...texts].filter((text) => text.length < 400).map((text) => Buffer.from(text, 'latin1'));
}

/** The first request whose replies differ, and these; null where all are alike. */
async function compare(ports, before, requests) {
  const all = [...before, ...requests, ...epilogue(keysIn(requests))];
  const [theirs, ours] = await Promise.all(ports.map((port) => converse(port, all)));
  const rules = new Rules();
  const at = all.findIndex((args, i) => !rules.areAlike(args, theirs[i], ours[i]));
  return at < 0 ? null : { args: all[at], theirs: theirs[at], ours: ours[at], place: at - before.length };
}

/** Leaves out what is not needed for a difference of the same command. */
async function shorten(ports, before, requests, found) {
  const name = found.args[0].toString('latin1').toUpperCase();
  let kept = requests.slice(0, found.place + 1);
  let last = found;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = kept.length - size; at > -size; at -= size) {
      const tried = kept.filter((_, i) => i < at || i >= at + size);
      const still = await compare(ports, before, tried);
      if (still === null || still.args[0].toString('latin1').toUpperCase() !== name) continue;
      kept = tried;
      last = still;
    }
  return { kept, found: last };
}

function printed(args) {
  return args
    .map((arg) => (arg.length > 80 ? `<${arg.length} bytes>` : JSON.stringify(arg.toString('latin1'))))
    .join(' ');
}

function report(seed, before, { kept, found }) {
  console.log(`\nseed ${seed}: ${printed(found.args)}`);
  for (const args of before) if (args[0].equals(Buffer.from('CONFIG'))) console.log(`    ${printed(args)}`);
  console.log(`    ${printed(before.at(-1))}`);
  for (const args of kept) console.log(`  ${printed(args)}`);
  const [theirs, ours] = differing(found);
  console.log(`  redis ${JSON.stringify(theirs).slice(0, 600)}`);
  console.log(`  ours  ${JSON.stringify(ours).slice(0, 600)}`);
}

/** Of two INFOs only the lines that differ. */
function differing({ args, theirs, ours }) {
  if (!args[0].equals(Buffer.from('INFO'))) return [theirs, ours];
  const [a, b] = [theirs, ours].map((info) => [/rdb_changes_since_last_save.*/.exec(info)[0], ...figuresIn(info)]);
  return [a.filter((line) => !b.includes(line)), b.filter((line) => !a.includes(line))];
}

const counts = { passed: 0, failed: 0 };

async function runCase(ports, seed) {
  const random = new Random(seed);
  const before = prologue(random);
  const requests = Array.from({ length: Number(options.length) }, () => makeRequest(random.pick(trees), random, POOLS));
  const found = await compare(ports, before, requests);
  if (found === null) return void counts.passed++;
  counts.failed++;
  if (counts.failed <= SHOWN) report(seed, before, await shorten(ports, before, requests, found));
}

await besideRedis(CONFIG, async (servers) => {
  const ports = servers.map(({ port }) => port);
  for (let i = 0; i < Number(options.cases); i++) await runCase(ports, Number(options.seed) + i);
  return counts;
});
