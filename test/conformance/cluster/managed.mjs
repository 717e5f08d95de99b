/**
 * `redis-cli --cluster …` as a person uses it, and what a cluster is looked at for after it: slots, keys, agreement.
 */
import { spawn } from 'node:child_process';
import { expect, expectMatch, expectSame, until } from './checks.mjs';
import { cli, clusterNodes, clusterSlots, run, typeInto } from './nodes.mjs';

const AGREE_LIMIT_MS = 20_000;
const MANAGE_LIMIT_MS = 300_000;
/** So many keys of each type. */
const KEYS_OF_TYPE = 60;

export function place({ port }) {
  return `127.0.0.1:${port}`;
}

/** Runs one command of the cluster manager, and returns all that it printed. */
export async function manage(words) {
  const { code, all } = await run('redis-cli', ['--cluster', ...words], { limitMs: MANAGE_LIMIT_MS });
  return { code, all };
}

/**
 * The same with somebody at the keyboard: each answer is typed when its question stands there. (redis-cli takes all
 * that it can read for the answer to one question, so that they cannot come from a file.)
 */
export function converse(words, dialogue) {
  return new Promise((resolve) => {
    const child = spawn('redis-cli', ['--cluster', ...words], { timeout: MANAGE_LIMIT_MS, killSignal: 'SIGKILL' });
    const waiting = [...dialogue];
    let all = '';
    let seen = 0;
    const hear = (bytes) => {
      all += bytes;
      const [question, answer] = waiting[0] ?? [];
      if (question === undefined || !all.slice(seen).includes(question)) return;
      seen = all.length;
      waiting.shift();
      child.stdin.write(`${answer}\n`);
    };
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, all, unasked: waiting.length }));
  });
}

/** The same, where it has to end well. */
export async function manageWell(words) {
  const { code, all } = await manage(words);
  expectSame(code, 0, `redis-cli --cluster ${words.join(' ')} ended\n${all}`);
  expect(!/\[ERR\]/.test(all), `redis-cli --cluster ${words.join(' ')} complained\n${all}`);
  return all;
}

/** Everybody tells the same, and `check` finds nothing to say against it. */
export async function expectClean(nodes) {
  await untilAgreed(nodes);
  const { code, all } = await manage(['check', place(nodes[0])]);
  expectSame(code, 0, `check ended\n${all}`);
  expectMatch(all, /\[OK\] All nodes agree about slots configuration\./, 'agreement');
  expectMatch(all, /\[OK\] All 16384 slots covered\./, 'coverage');
  expect(!/\[ERR\]|\[WARNING\]/.test(all), all);
}

export async function untilAgreed(nodes) {
  let maps = [];
  await until(
    AGREE_LIMIT_MS,
    async () => {
      maps = await Promise.all(nodes.map(async ({ port }) => JSON.stringify(await clusterSlots(port))));
      return maps.every((map) => map === maps[0]);
    },
    () => maps.join('\n'),
  );
}

/** How many slots each node serves, by its id. */
export async function slotCounts({ port }) {
  const counts = new Map();
  for (const { id, slots } of await clusterNodes(port)) {
    let count = 0;
    for (const range of slots.filter((word) => !word.startsWith('['))) {
      const [from, to = from] = range.split('-').map(Number);
      count += to - from + 1;
    }
    counts.set(id, count);
  }
  return counts;
}

/** Keys of all types, some with a time of death far away. */
export class Stock {
  constructor(prefix) {
    this.prefix = prefix;
  }

  writes() {
    const lines = [];
    for (let i = 0; i < KEYS_OF_TYPE; i++) {
      const key = (type) => `${type}:${this.prefix}:${i}`;
      lines.push(`set ${key('s')} value-${i}`, `rpush ${key('l')} a b c ${i}`, `hset ${key('h')} f 1 g ${i}`);
      lines.push(`sadd ${key('u')} x y ${i}`, `zadd ${key('z')} 1 a 2.5 b ${i} c`, `expire ${key('s')} 100000`);
    }
    return lines;
  }

  reads() {
    const lines = [];
    for (let i = 0; i < KEYS_OF_TYPE; i++) {
      const key = (type) => `${type}:${this.prefix}:${i}`;
      lines.push(`get ${key('s')}`, `lrange ${key('l')} 0 -1`, `hget ${key('h')} g`, `smismember ${key('u')} x ${i}`);
      lines.push(`zrange ${key('z')} 0 -1 withscores`);
    }
    return lines;
  }

  async fill(port) {
    const answers = await answersOf(port, this.writes());
    const refused = answers.filter((line) => /^\(error\)|^[A-Z]{3,} /.test(line));
    expect(refused.length === 0, refused.slice(0, 5).join('\n'));
    this.content = await answersOf(port, this.reads());
    expectSame(this.content.filter((line) => line.startsWith('value-')).length, KEYS_OF_TYPE, 'strings read back');
  }

  /** All is as it was written, asked from any of these nodes. */
  async expectWhole(...ports) {
    for (const port of ports) expectSame(await answersOf(port, this.reads()), this.content, `what ${port} leads to`);
  }

  get size() {
    return KEYS_OF_TYPE * 5;
  }
}

async function answersOf(port, commands) {
  const { code, out, err } = await typeInto(port, commands);
  expectSame(code, 0, `redis-cli ended\n${err}`);
  return out
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('-> Redirected to slot ['));
}

/** Keys of all nodes together. */
export async function countKeys(nodes) {
  const sizes = await Promise.all(nodes.map(async ({ port }) => Number(await cli(port, 'dbsize'))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
