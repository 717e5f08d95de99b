/**
 * Payloads that were tampered with are given to RESTORE; what is accepted is used as any value, and must stay sound.
 *
 *   tamper ▸ RESTORE ─ refused ─▶ next            nothing may be thrown, and no byte of memory may be lost
 *               └ accepted ▸ walk, copy, digest ▸ a few random commands ▸ the same again ▸ DEL
 */
import { seeded } from '../../golden/chance.mjs';
import type { Commander } from '../../support/commander.js';
import { holdingOf } from '../content.js';
import { type Chance, pick, tamper, upTo } from './mutations.js';
import { payloads, sealed, smallServer } from './payloads.js';

export interface Tried {
  refused: number;
  accepted: number;
}

/** Words: m member or value, n number, i index, s score. The key is k. */
const TRAFFIC: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ['string', 'GET, STRLEN, APPEND m, INCR, SETRANGE n m, GETRANGE i i, INCRBYFLOAT 1.5, GETDEL'],
    [
      'list',
      'LRANGE i i, LINDEX i, LPUSH m m, RPUSH m, LPOP, RPOP 2, LSET i m, LREM i m, LINSERT BEFORE m m, LTRIM i i',
    ],
    [
      'set',
      'SMEMBERS, SADD m n, SREM m, SISMEMBER m, SPOP, SPOP 2, SRANDMEMBER -5, SSCAN 0, SINTERCARD, SUNIONSTORE k',
    ],
    [
      'hash',
      'HGETALL, HSET m m n m, HDEL m, HGET m, HINCRBY n 5, HINCRBYFLOAT n 1.5, HRANDFIELD -4 WITHVALUES, HSCAN 0',
    ],
    [
      'zset',
      'ZADD s m s m, ZREM m, ZINCRBY s m, ZRANK m, ZREVRANK m, ZPOPMIN, ZPOPMAX 2, ZRANGEBYSCORE -inf s, ZSCAN 0',
    ],
    ['more of list', 'LPOS m, LMOVE k LEFT RIGHT'],
    ['more of set', 'SMOVE k m'],
    ['more of hash', 'HKEYS, HSTRLEN m, HSETNX m m'],
    [
      'more of zset',
      'ZCOUNT s +inf, ZREMRANGEBYRANK i i, ZREMRANGEBYSCORE s s, ZRANGEBYLEX - +, ZRANDMEMBER -3, ZSCORE m',
    ],
  ].map(([type = '', commands = '']) => [type, commands.split(', ')]),
);
const ANY = ['PERSIST', 'EXPIRE 1000', 'OBJECT', 'TYPE', 'COPY', 'RENAME', 'DUMP'];

const MEMBERS = ['a', '7', 'bc', '-3', '', '70000', '9223372036854775807', 'x'.repeat(70), 'y'.repeat(300), 'new'];
const SCORES = ['1', '-inf', 'inf', '2.5', '0', '-7.25', '3e300'];

export class RestoreFuzz {
  readonly tried = new Map<string, Tried>();
  private readonly server = smallServer();
  private readonly bodies = payloads();
  private readonly base: number;

  constructor() {
    this.server.run('SET', 'stays', 'v'); // the database has its directory from now on
    this.base = this.server.engine.arena.used;
  }

  /** One payload; throws where something is wrong with what came of it. */
  round(seed: number): void {
    const chance = seeded(seed);
    const [name, body] = pick(chance, this.bodies);
    const tried = this.tried.get(name) ?? { refused: 0, accepted: 0 };
    this.tried.set(name, tried);
    try {
      if (this.restore(sealed(tamper(body, chance)))) {
        tried.accepted++;
        this.use(chance);
      } else tried.refused++;
      this.expectNothingLeft();
    } catch (error) {
      throw new Error(`seed ${seed}, ${name}: ${error instanceof Error ? error.stack : error}`);
    }
  }

  private restore(payload: Uint8Array, key = 'k'): boolean {
    const reply = this.server.run('RESTORE', key, '0', payload, 'REPLACE');
    if (reply === '+OK\r\n') return true;
    if (reply !== '-ERR Bad data format\r\n') throw new Error(`RESTORE said ${reply}`);
    return false;
  }

  private use(chance: Chance): void {
    const { server } = this;
    this.expectSound();
    const type = server.run('TYPE', 'k').trim().slice(1);
    const commands = [...(TRAFFIC.get(type) ?? []), ...(TRAFFIC.get(`more of ${type}`) ?? [])];
    if (commands.length === 0) throw new Error(`a value of type ${type}`);
    for (let n = upTo(chance, 6); n > 0; n--) {
      const command = chance() < 0.85 ? pick(chance, commands) : pick(chance, ANY);
      const reply = server.run(...wordsOf(command, chance));
      if (!reply.endsWith('\r\n')) throw new Error(`${command} said ${reply}`);
    }
    server.run('PERSIST', 'k'); // a copy has no time of death
    if (server.run('EXISTS', 'k') === ':1\r\n') this.expectSound();
  }

  /** Two ways to look at it say the same, and a copy is equal to it. */
  private expectSound(): void {
    const { server } = this;
    const content = contentOf(server, 'k');
    const digest = server.run('DEBUG', 'DIGEST-VALUE', 'k');
    const reply = server.runBytes(['DUMP', 'k']);
    if (!this.restore(reply.subarray(reply.indexOf('\n') + 1, -2), 'c')) throw new Error('its copy is refused');
    if (contentOf(server, 'c') !== content) throw new Error(`the copy of ${content} is ${contentOf(server, 'c')}`);
    // What becomes small on its way loses the sign of a zero, as with redis.
    const isAlike = server.run('OBJECT', 'ENCODING', 'c') === server.run('OBJECT', 'ENCODING', 'k');
    if (isAlike && server.run('DEBUG', 'DIGEST-VALUE', 'c') !== digest)
      throw new Error(`the copy of ${content} has another digest`);
    expectCount(server, content);
  }

  private expectNothingLeft(): void {
    const { engine } = this.server;
    this.server.run('DEL', 'k', 'c');
    if (engine.arena.used !== this.base) throw new Error(`${engine.arena.used - this.base} bytes are left behind`);
  }
}

function contentOf(server: Commander, key: string): string {
  const { db } = server;
  const bytes = Buffer.from(key);
  const e = db.peekBytes(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  return holdingOf(db, e);
}

const COUNTERS: ReadonlyMap<string, readonly [count: string, ...all: string[]]> = new Map([
  ['list', ['LLEN', 'LRANGE', 'k', '0', '-1']],
  ['set', ['SCARD', 'SMEMBERS', 'k']],
  ['hash', ['HLEN', 'HKEYS', 'k']],
  ['zset', ['ZCARD', 'ZRANGE', 'k', '0', '-1']],
]);

/** What a collection says of its size is how many there are; a sorted set is sorted. */
function expectCount(server: Commander, content: string): void {
  const [type = ''] = content.split(' ', 1);
  const [count, ...all] = COUNTERS.get(type) ?? [];
  if (count === undefined) return;
  const said = server.run(count, 'k').slice(1);
  const found = server.run(...all);
  if (!found.startsWith(`*${said}`)) throw new Error(`${count} is ${said.trim()}, but there are ${found.slice(1, 12)}`);
  if (type !== 'zset') return;
  const scores = server
    .run('ZRANGE', 'k', '0', '-1', 'WITHSCORES')
    .split('\r\n')
    .filter((_, i) => i % 4 === 0)
    .slice(1);
  const numbers = scores.map((text) => Number(text.replace('inf', 'Infinity')));
  if (numbers.some((score, i) => !(score >= (numbers[i - 1] ?? Number.NEGATIVE_INFINITY))))
    throw new Error(`not in order: ${scores}`);
}

/** The key stands behind the command, but for commands of several keys. */
function wordsOf(template: string, chance: Chance): string[] {
  const [name = '', ...rest] = template.split(' ');
  const words = rest.map((word) => fill(word, chance));
  if (name === 'OBJECT') return ['OBJECT', 'ENCODING', 'k'];
  if (name === 'COPY' || name === 'RENAME') return name === 'COPY' ? [name, 'k', 'c', 'REPLACE'] : [name, 'k', 'k'];
  if (name === 'SINTERCARD') return [name, '1', 'k'];
  if (name === 'SUNIONSTORE') return [name, 'k', 'k'];
  return [name, 'k', ...words];
}

function fill(word: string, chance: Chance): string {
  if (word === 'm') return pick(chance, MEMBERS);
  if (word === 's') return pick(chance, SCORES);
  if (word === 'n') return String(upTo(chance, 20));
  return word === 'i' ? String(upTo(chance, 12) - 6) : word;
}
