/**
 * Random commands, group by group: few keys, so that commands meet; awkward arguments, so that refusals are met, too.
 *
 * A group is a list of makers; each makes one request. What depends on the clock or on chance is left out.
 */

export type Chance = () => number;
export type Maker = (random: Random) => string[];

const LONG_KEY = 'k'.repeat(300);

// biome-ignore format: a table
const POOLS = {
  key:     ['a', 'b', 'c', 'd', 'list', LONG_KEY, ''],
  integer: ['0', '1', '-1', '5', '10', '100', '-100', '9007199254740991', '9007199254740992', '-9007199254740993',
            '9223372036854775807', '-9223372036854775808', '9223372036854775808', 'abc', '', ' 1', '01', '-0', '+1',
            '1.0', '4294967296', '2147483647'],
  float:   ['0.1', '1.5', '-2.25', '1e10', '3.14159265358979', '1e-5', 'inf', '-inf', 'nan', '1e400', '0x1p3', '.5',
            '12345678901234567890.5', '5.', '1e', '--1', '1e-400', '1e-17', '0.00000000000000001'],
  value:   ['', 'x', 'hello', '12', '-7', '9223372036854775807', '007', 'y'.repeat(44), 'z'.repeat(45), '3.50', '1e3',
            'ab\r\ncd', 'q'.repeat(700)],
  time:    ['1000', '100000', '0', '-5', '9223372036854775807', '9223372036854776', 'x', '33177117420',
            '33177117420123'],
  clock:   ['EX', 'PX', 'EXAT', 'PXAT'],
} as const;

export class Random {
  constructor(readonly chance: Chance) {}

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.chance() * items.length)] as T;
  }

  some(pool: keyof typeof POOLS): string {
    return this.pick<string>(POOLS[pool]);
  }

  below(n: number): number {
    return Math.floor(this.chance() * n);
  }

  /** Up to `most` words of a list, some of them twice. */
  words(most: number, words: readonly string[]): string[] {
    return Array.from({ length: this.below(most + 1) }, () => this.pick(words));
  }

  element(): string {
    const fixed = ['x', 'y', '1', '2', '-5', '3000000000', '9223372036854775807', 'w'.repeat(64), 'w'.repeat(65)];
    return this.pick([...fixed, `el${this.below(500)}`, String(this.below(1000))]);
  }

  /** Mostly a few, sometimes so many that a collection outgrows its small form. */
  elements(): string[] {
    return Array.from({ length: 1 + this.below(this.below(30) === 0 ? 700 : 4) }, () => this.element());
  }
}

const SET_WORDS = ['NX', 'XX', 'GET', 'KEEPTTL', 'EX', 'PX', 'EXAT', 'PXAT', 'bad', '100000', '33177117420', 'x', '0'];

const strings: readonly Maker[] = [
  (r) => ['SET', r.some('key'), r.pick([r.some('value'), r.some('integer'), r.some('float')])],
  (r) => ['SET', r.some('key'), r.some('value'), ...r.words(3, SET_WORDS)],
  (r) => ['SET', r.some('key'), r.some('value'), r.some('clock'), r.some('time')],
  (r) => [
    'GETEX',
    r.some('key'),
    ...r.pick([[], ['PERSIST'], [r.some('clock'), r.some('time')], ['EX', '10', 'PERSIST']]),
  ],
  (r) => [r.pick(['GET', 'GETDEL', 'STRLEN', 'INCR', 'DECR']), r.some('key')],
  (r) => [r.pick(['GETSET', 'SETNX', 'APPEND']), r.some('key'), r.some('value')],
  (r) => ['SETRANGE', r.some('key'), r.pick([r.some('integer'), '3', '50', '600']), r.some('value')],
  (r) => [r.pick(['GETRANGE', 'SUBSTR']), r.some('key'), r.some('integer'), r.pick([r.some('integer'), '-3', '3'])],
  (r) => [r.pick(['INCRBY', 'DECRBY']), r.some('key'), r.some('integer')],
  (r) => ['INCRBYFLOAT', r.some('key'), r.pick([r.some('integer'), r.some('float')])],
  (r) => ['MGET', r.some('key'), r.some('key'), r.some('key')],
  (r) => [r.pick(['MSET', 'MSETNX']), r.some('key'), r.some('value'), r.some('key'), ...r.words(1, ['v'])],
  (r) => [r.pick(['SETEX', 'PSETEX']), r.some('key'), r.some('time'), r.some('value')],
  (r) => ['LCS', r.some('key'), r.some('key'), ...r.words(2, ['IDX', 'LEN', 'WITHMATCHLEN', 'MINMATCHLEN', '2', 'x'])],
  (r) => ['OBJECT', 'ENCODING', r.some('key')],
];

const keys: readonly Maker[] = [
  (r) => [r.pick(['DEL', 'UNLINK', 'EXISTS', 'TOUCH']), r.some('key'), r.some('key')],
  (r) => [r.pick(['TYPE', 'PERSIST', 'EXPIRETIME']), r.some('key')],
  (r) => [r.pick(['EXPIRE', 'PEXPIRE', 'EXPIREAT', 'PEXPIREAT']), r.some('key'), r.some('time')],
  (r) => ['EXPIRE', r.some('key'), r.some('time'), ...r.words(2, ['NX', 'XX', 'GT', 'LT', 'bad'])],
  (r) => [r.pick(['RENAME', 'RENAMENX']), r.some('key'), r.some('key')],
  (r) => ['COPY', r.some('key'), r.some('key'), ...r.words(3, ['REPLACE', 'DB', '0', '1', '77'])],
  (r) => ['MOVE', r.some('key'), r.pick(['0', '1', '2', 'x'])],
  (r) => ['SELECT', r.pick(['0', '0', '1'])],
  () => ['LPUSH', 'list', 'x'],
  () => ['DBSIZE'],
];

const collections: readonly Maker[] = [
  (r) => [r.pick(['RPUSH', 'LPUSH', 'SADD', 'RPUSHX']), r.some('key'), ...r.elements()],
  (r) => ['HSET', r.some('key'), ...r.elements().flatMap((field) => [field, r.element()])],
  (r) => ['ZADD', r.some('key'), ...r.elements().flatMap((member) => [String(r.below(100) / 4), member])],
  (r) => [r.pick(['LPOP', 'RPOP', 'ZPOPMIN', 'ZPOPMAX']), r.some('key'), ...r.words(1, ['2', '0'])],
  (r) => [r.pick(['HDEL', 'SREM', 'ZREM', 'SMISMEMBER']), r.some('key'), r.element(), r.element()],
  (r) => ['LRANGE', r.some('key'), '0', '-1'],
  (r) => [r.pick(['SMEMBERS', 'HGETALL']), r.some('key')],
  (r) => ['ZRANGE', r.some('key'), '0', '-1', 'WITHSCORES'],
  (r) => ['OBJECT', 'ENCODING', r.some('key')],
  (r) => [r.pick(['SUNIONSTORE', 'SDIFFSTORE', 'SINTERSTORE']), r.some('key'), r.some('key'), r.some('key')],
  (r) => [r.pick(['ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE']), r.some('key'), '2', r.some('key'), r.some('key')],
  (r) => ['ZRANGESTORE', r.some('key'), r.some('key'), '0', '5'],
  (r) => ['LMOVE', r.some('key'), r.some('key'), r.pick(['LEFT', 'RIGHT']), r.pick(['LEFT', 'RIGHT'])],
  (r) => ['SMOVE', r.some('key'), r.some('key'), r.element()],
  (r) => ['LTRIM', r.some('key'), r.pick(['0', '1']), r.pick(['-1', '-2', '3'])],
  (r) => ['LINSERT', r.some('key'), r.pick(['BEFORE', 'AFTER']), r.element(), r.element()],
  (r) => ['HINCRBY', r.some('key'), r.element(), r.some('integer')],
  (r) => ['HINCRBYFLOAT', r.some('key'), r.element(), r.some('float')],
  (r) => ['ZINCRBY', r.some('key'), r.some('float'), r.element()],
  (r) => ['SET', r.some('key'), r.some('value')],
  (r) => ['LMPOP', '2', r.some('key'), r.some('key'), r.pick(['LEFT', 'RIGHT']), ...r.pick([[], ['COUNT', '2']])],
  (r) => ['ZMPOP', '2', r.some('key'), r.some('key'), r.pick(['MIN', 'MAX']), ...r.pick([[], ['COUNT', '2']])],
  (r) => [r.pick(['ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE']), r.some('key'), r.pick(['0', '1', '-1']), r.pick(['1', '9'])],
  (r) => ['LREM', r.some('key'), r.pick(['0', '1', '-1']), r.element()],
  (r) => ['LSET', r.some('key'), r.pick(['0', '-1', '3']), r.element()],
  (r) => [r.pick(['HSETNX', 'HMSET']), r.some('key'), r.element(), r.element()],
  (r) => ['ZADD', r.some('key'), ...r.words(2, ['NX', 'XX', 'GT', 'LT', 'CH', 'INCR']), r.some('float'), r.element()],
  (r) => [r.pick(['RPOPLPUSH', 'LPUSHX']), r.some('key'), r.some('key')],
  (r) => ['SPOP', r.some('key'), '100000'],
];

export const MAKERS: ReadonlyMap<string, readonly Maker[]> = new Map([
  ['strings', strings],
  ['keys', keys],
  ['collections', collections],
]);
