/**
 * Everything that changes keys, at random: each write command of the table, and what the server does by itself.
 *
 *   anyWrite(server, { what, x, y })      three numbers are one change; fast-check draws and shrinks them
 *
 * Keys are few, so that they meet: four of each type in the slot of {t} and elsewhere, and more in {t} alone, so that
 * its table splits and merges. A command now and then gets the key of another type.
 */
import fc from 'fast-check';
import { IMMORTAL } from '../../src/keyspace/entry.js';
import { Request } from '../../src/resp/request.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { Eviction } from '../../src/keyspace/upkeep/eviction.js';
import { Expiry } from '../../src/keyspace/upkeep/expiry.js';
import type { Commander } from '../support/commander.js';

export interface Draw {
  readonly what: number;
  readonly x: number;
  readonly y: number;
}

/** Placeholders: s l h t z are keys by type, k of any; capital letters a second one. m member, n number, v value. */
// biome-ignore format: a table
export const TEMPLATES: readonly string[] = [
  'SET s v', 'SET s v KEEPTTL', 'SET s v PX n', 'SET k v GET', 'SETNX s v', 'SETEX s n v', 'PSETEX s n v',
  'GETSET s v', 'GETDEL s', 'GETEX s PX n', 'GETEX s PERSIST', 'APPEND s v', 'SETRANGE s n v', 'INCR s', 'DECR s',
  'INCRBY s n', 'DECRBY s n', 'INCRBYFLOAT s 1.5', 'MSET s v S v', 'MSETNX s v S v',
  'LPUSH l v m', 'RPUSH l m v m', 'LPUSHX l v', 'RPUSHX l v', 'LPOP l', 'RPOP l 2', 'LINSERT l BEFORE m v',
  'LSET l 0 v', 'LREM l 1 m', 'LTRIM l 1 -2', 'LMOVE l L LEFT RIGHT', 'LMOVE l l LEFT RIGHT', 'RPOPLPUSH l L',
  'LMPOP 2 l L RIGHT', 'RPUSH l a b c d e f g h i j v v v',
  'HSET h m v', 'HMSET h m v n v', 'HSETNX h m v', 'HDEL h m', 'HINCRBY h n n', 'HINCRBYFLOAT h n 0.25',
  'HSET h a 1 b 2 c 3 d 4 e 5 f 6 g v', 'HSET h m v m v m v m v m v m v m v m v', 'HDEL h m m m m',
  'SADD t m', 'SADD t n', 'SADD t 1 2 3 4 5 6 7 8 m', 'SADD t m m m m m m m m m m m m', 'SREM t m',
  'SREM t m m m m', 'SPOP t', 'SPOP t 3', 'SMOVE t T m',
  'SINTERSTORE t T t', 'SUNIONSTORE t T t', 'SDIFFSTORE t T t', 'SUNIONSTORE k T t',
  'ZADD z n m', 'ZADD z 1 a 2 b 3 c 4 d 5 e 6 f n v', 'ZINCRBY z 1.5 m', 'ZADD z n m n m n m n m n m n m n m n m',
  'ZREM z m', 'ZPOPMIN z', 'ZPOPMAX z 2',
  'ZMPOP 2 z Z MIN', 'ZREMRANGEBYRANK z 0 1', 'ZREMRANGEBYSCORE z 0 n', 'ZREMRANGEBYLEX z [a [c',
  'ZUNIONSTORE z 2 Z z', 'ZINTERSTORE z 2 Z z', 'ZDIFFSTORE z 2 Z z', 'ZRANGESTORE z Z 0 3',
  'DEL k', 'DEL k K', 'UNLINK k', 'EXPIRE k 1', 'PEXPIRE k n', 'EXPIREAT k 1', 'PEXPIREAT k 1', 'PERSIST k',
  'RENAME k K', 'RENAMENX k K', 'COPY k K', 'COPY k K REPLACE', 'COPY k K DB 1 REPLACE', 'MOVE k 1', 'MOVE k 0',
  'SELECT 0', 'SELECT 1', 'SELECT 2', 'SWAPDB 0 1', 'SWAPDB 1 2', 'FLUSHDB', 'FLUSHALL',
  'GET k', 'TOUCH k', 'SCAN 0', 'RANDOMKEY', 'SET u v', 'SET u v', 'SET u v', 'SET u v', 'DEL u', 'DEL u', 'UNLINK u',
];

/** Commands that write and are not among the templates: restored by hand below, or in need of a whole node. */
export const ELSEWHERE: ReadonlySet<string> = new Set(
  'restore restore-asking migrate blpop brpop blmove brpoplpush blmpop bzpopmin bzpopmax bzmpop'.split(' '),
);

/** What happens beside commands. */
const BESIDES: readonly ((server: Commander, draw: Draw) => void)[] = [
  (server, { x }) => void (server.now += x % 2000),
  (server) => new Expiry(server.engine).run(() => false),
  (server, { x }) => evict(server, x),
  (server, { x }) => server.engine.dropSlot(x % 4 === 0 ? keySlot(Buffer.from('{t}'), 0, 3) : x % 16384),
  (server) => void server.engine.lazyFree.work(() => true),
  (server) => server.engine.tidy(),
  (server, draw) => replaceAll(server, draw),
  (server, draw) => restore(server, draw),
];

function evict(server: Commander, x: number): void {
  const eviction = new Eviction(server.engine);
  eviction.policy = x % 2 === 0 ? 'allkeys-lru' : 'volatile-random';
  eviction.evictOne(x % 3 === 0);
}

function restore(server: Commander, { x, y }: Draw): void {
  const reply = server.runBytes(['DUMP', fillIn('k', x, y)]);
  const from = reply.indexOf('\n') + 1;
  if (reply.length > from) server.run('RESTORE', fillIn('K', x + 1, y), '0', reply.subarray(from, -2), 'REPLACE');
}

/** What a replica does with the keys of its primary: they are gathered beside the present ones. */
function replaceAll({ engine }: Commander, { x, y }: Draw): void {
  const spare = engine.spare();
  for (let i = 0; i < x % 50; i++) {
    const db = spare.database(i % spare.databaseCount);
    const set = Request.of('SET', fillIn('k', x + i, y), fillIn('v', x, y + i));
    db.setString(db.find(set, 1), set, 1, 2, i % 3 === 0 ? engine.now + x : IMMORTAL);
  }
  if (y % 3 === 0) engine.adoptSpare();
  else if (y % 3 === 1) engine.dropSpare();
}

const DRAWS = TEMPLATES.length + BESIDES.length;

export const aDraw: fc.Arbitrary<Draw> = fc.record({
  what: fc.nat(DRAWS - 1),
  x: fc.nat(1 << 16),
  y: fc.nat(1 << 16),
});
/** A change, or (null) a step of whoever reads meanwhile. */
export const aTurn = fc.oneof({ weight: 4, arbitrary: aDraw }, { weight: 1, arbitrary: fc.constant(null) });

export function isFlush({ what }: Draw): boolean {
  return TEMPLATES[what]?.startsWith('FLUSH') ?? false;
}

export function anyWrite(server: Commander, draw: Draw): void {
  const template = TEMPLATES[draw.what % DRAWS];
  if (template === undefined) BESIDES[(draw.what % DRAWS) - TEMPLATES.length]!(server, draw);
  else server.run(...wordsOf(template, draw));
}

function wordsOf(template: string, { x, y }: Draw): string[] {
  const [name, ...rest] = template.split(' ');
  return [name!, ...rest.map((word, i) => fillIn(word, x + i * 7, y + i * 11))];
}

function fillIn(word: string, x: number, y: number): string {
  if (word === 'v') return 'v'.repeat(y % 5 === 0 ? y % 300 : y % 30);
  if (word === 'm') return `m${y % 40}`;
  if (word === 'n') return `${1 + (y % 1000)}`;
  if (word === 'u') return `{t}u${x % 200}`;
  if (!/^[slhtzk]$/i.test(word)) return word;
  const type = word.toLowerCase() === 'k' ? 'slhtz'[x % 5]! : word.toLowerCase();
  const number = (word === word.toLowerCase() ? x >> 3 : y >> 3) % 8;
  return number < 4 ? `{t}${type}${number}` : `${type}${number}`;
}
