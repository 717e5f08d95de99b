/**
 * What the differential run may say: a line a command (grammar.mjs), and the words that stand for arguments.
 *
 * Few keys, of which each mostly has one type, so that commands meet. What depends on chance or on the clock is there
 * as far as a reply can be compared nevertheless (replies.mjs): no key dies while a case runs.
 */

const bytes = (text) => Buffer.from(text, 'latin1');
const ODD_KEYS = ['', '\x00\xff\xfe', 'k\r\n', `long${'k'.repeat(300)}`, '{a}b', '*'];

// biome-ignore format: a table
const WORDS = {
  integer: ['0', '1', '-1', '2', '-2', '3', '5', '10', '100', '-100', '9007199254740991', '9007199254740993',
            '-9007199254740993', '9223372036854775807', '-9223372036854775808', '9223372036854775808', 'abc', '',
            ' 1', '01', '-0', '+1', '1.0', '4294967296', '2147483647', '1 ', '0x10'],
  index:   ['0', '1', '-1', '2', '-2', '3', '5', '-5', '100', '-100', '9223372036854775807', '-9223372036854775808',
            'x', '1.5'],
  count:   ['0', '1', '2', '3', '5', '10', '-1', '-3', '100', '9223372036854775807', '-9223372036854775808', 'x', ''],
  number:  ['1', '2', '2', '3', '0', '-1', '100', 'x', '9223372036854775807'],
  offset:  ['0', '1', '3', '50', '600', '-1', '536870912', '9223372036854775807', 'x'],
  float:   ['0', '1', '-1', '0.1', '1.5', '-2.25', '1e10', '3.14159265358979', '1e-5', 'inf', '-inf', '+inf', 'nan',
            '1e400', '0x1p3', '.5', '12345678901234567890.5', '5.', '1e', '--1', '1e-400', '1e-17', '-0', 'infinity',
            ' 1', '1 ', '', '9007199254740993', '9223372036854775807', '1e17', '1e21', '123456.789',
            '0.30000000000000004'],
  score:   ['0', '1', '1', '2', '2', '3', '-1', '1.5', '-0', '1e300', 'inf', '-inf', '2.5e-8', '17179869184',
            '3.14159265358979', '9007199254740993', '1e17', '123456789012345680000', 'nan', 'x', ''],
  weight:  ['1', '2', '0', '-1', '0.5', 'inf', '-inf', 'nan', 'x'],
  bound:   ['0', '1', '2', '(1', '(2', '-inf', '+inf', 'inf', '(inf', '(-inf', '1.5', '(1.5', '[1', 'nan', 'x', '',
            '(', '1e300'],
  lex:     ['-', '+', '[a', '(a', '[b', '(b', '[m', '(m', '[', '(', '[\xff', 'a', '', '[1', '(x'],
  value:   ['', 'x', 'hello', '12', '-7', '9223372036854775807', '007', 'y'.repeat(44), 'z'.repeat(45), '3.50', '1e3',
            'ab\r\ncd', '\x00\x01\xff', 'q'.repeat(700), 'ohmytext', 'mynewtext', '9223372036854775806',
            '-9223372036854775808', '10'],
  member:  ['x', 'y', 'a', 'b', 'c', 'm', '1', '2', '3', '-5', '100', '3000000000', '9223372036854775807',
            '-9223372036854775808', '9223372036854775808', '01', '', '\xff\x00', 'w'.repeat(64), 'w'.repeat(65),
            'r\r\n', '1.5'],
  time:    ['100000', '1000000', '0', '-1', '9223372036854775807', '9223372036854776', 'x', '', '1.5', '33177117420'],
  moment:  ['33177117420', '33177117420123', '1', '0', '-5', '9223372036854775807', 'x', '9223372036854776'],
  wait:    ['0.01', '0.001', '-1', '-0.01', 'nan', 'x', '', '1e-3', '0x0.01p0'],
  pattern: ['*', '?1', 's*', '[lz]?', 'x', '', '\\*', '*[', '[^s]1', '*\xff*', '{a}*', '[a-', '[z-a]*', 'm\\',
            '*1*2'],
  db:      ['0', '0', '1', '1', '2', '-1', '16', 'x', '4294967296'],
  word:    ['abc', '', 'a b', '\xe9\x00'],
  event:   ['NX', 'XX', 'GT', 'LT', 'nx', 'bad'],
  name:    ['abc', '', 'a b', 'x\n', 'n1'],
  odd:     ['', '0', '-1', 'x', 'COUNT', 'LIMIT', '1', '*', '\x00', 'WITHSCORES', 'NX', '1e3', '9223372036854775808',
            'sss', 'z1'],
};

const KINDS = { string: 's', list: 'l', hash: 'h', set: 't', zset: 'z' };
/** Sorted sets of equal scores: a range of names over mixed ones depends on the chance of a skiplist. */
const EQUAL_SCORES = 'y';

function anyKey(random) {
  if (random.below(10) === 0) return bytes(random.pick(ODD_KEYS));
  return bytes(`${random.pick(Object.values(KINDS))}${1 + random.below(3)}`);
}

const ownKey = (letter) => (random) =>
  random.below(12) === 0 ? anyKey(random) : bytes(`${letter}${1 + random.below(3)}`);

function anyElement(random) {
  const kind = random.below(4);
  if (kind === 0) return bytes(`el${random.below(300)}`);
  return bytes(kind === 1 ? String(random.below(400)) : random.pick(WORDS.member));
}

export const POOLS = {
  ...Object.fromEntries(Object.entries(WORDS).map(([name, words]) => [name, (random) => bytes(random.pick(words))])),
  ...Object.fromEntries(Object.entries(KINDS).map(([name, letter]) => [name, ownKey(letter)])),
  key: anyKey,
  names: (random) => bytes(`${EQUAL_SCORES}${1 + random.below(2)}`),
  element: anyElement,
  collection: (random) => (random.below(2) === 0 ? ownKey('z')(random) : ownKey('t')(random)),
};

const SET_OPTIONS = '(NX | XX | GET | KEEPTTL | EX time | PX time | EXAT moment | PXAT moment)';
const RANGE_OPTIONS = '(BYSCORE | REV | LIMIT index count)* (WITHSCORES)?';
const LIMIT_OPTIONS = '(REV | LIMIT index count)';
const MERGE_OPTIONS = '(WEIGHTS weight weight | AGGREGATE (SUM | MIN | MAX | bad))*';
const TWO_ZSETS = '(1 collection | 2 collection collection | number collection+)';

export const LINES = `
  APPEND string value
  (INCR | DECR | GET | GETDEL | STRLEN) string
  (INCRBY | DECRBY) string integer
  INCRBYFLOAT string float
  GETEX string (PERSIST | EX time | PX time | EXAT moment | PXAT moment)*
  (GETRANGE | SUBSTR) string integer integer
  (GETSET | SETNX) string value
  LCS string string (LEN | IDX | WITHMATCHLEN | MINMATCHLEN index)*
  MGET key+
  MGET string+
  (MSET | MSETNX) (string value)+
  (SETEX | PSETEX) string time value
  SET string value
  SET key value
  SET string value ${SET_OPTIONS}*
  SETRANGE string offset value

  (LPUSH | RPUSH) list element+
  (LPUSH | RPUSH) list element+
  (LPUSHX | RPUSHX) list element+
  (LPOP | RPOP) list count?
  LLEN list
  LINDEX list index
  LINSERT list (BEFORE | AFTER | bad) element element
  (LMOVE list list | LMOVE list key) (LEFT | RIGHT | left | bad) (LEFT | RIGHT)
  LMPOP (1 list | 2 list list | number list+) (LEFT | RIGHT) (COUNT count)*
  LPOS list element (RANK index | COUNT count | MAXLEN count)*
  LRANGE list index index
  LREM list index element
  LSET list index element
  LTRIM list index index
  RPOPLPUSH list list
  (BLPOP | BRPOP) list+ wait
  BLMOVE list list (LEFT | RIGHT) (LEFT | RIGHT) wait
  BRPOPLPUSH list list wait
  BLMPOP wait (1 list | 2 list list | number list+) (LEFT | RIGHT) (COUNT count)*

  (HSET | HMSET) hash (element element)+
  (HSET | HMSET) hash (element value)+
  HSETNX hash element value
  (HGET | HEXISTS | HSTRLEN) hash element
  (HMGET | HDEL) hash element+
  (HGETALL | HKEYS | HVALS | HLEN) hash
  HINCRBY hash element integer
  HINCRBYFLOAT hash element float
  HRANDFIELD hash (count (WITHVALUES)?)?
  HSCAN hash 0 (MATCH pattern)? COUNT 100000

  SADD set element+
  SADD set element+
  SREM set element+
  (SCARD | SMEMBERS) set
  SISMEMBER set element
  SMISMEMBER set element+
  SMOVE set set element
  SPOP set (0 | -1 | 100000 | x | 9223372036854775807)
  SRANDMEMBER set count?
  SSCAN set 0 (MATCH pattern)? COUNT 100000
  (SINTER | SUNION | SDIFF) set+
  (SINTERSTORE | SUNIONSTORE | SDIFFSTORE) (set | key) set+
  SINTERCARD (1 set | 2 set set | number set+) (LIMIT count)?

  ZADD zset (score element)+
  ZADD zset (score element)+
  ZADD zset (NX | XX | GT | LT | CH | INCR)* (score element)+
  ZINCRBY zset score element
  ZREM zset element+
  (ZSCORE | ZRANK | ZREVRANK) zset element
  ZMSCORE zset element+
  ZCARD zset
  ZCOUNT zset bound bound
  ZLEXCOUNT names lex lex
  ZADD names (0 element)+
  ZADD names (0 element)+
  (ZPOPMIN | ZPOPMAX) zset count?
  ZMPOP (1 zset | 2 zset zset | number zset+) (MIN | MAX) (COUNT count)*
  (BZPOPMIN | BZPOPMAX) zset+ wait
  BZMPOP wait (1 zset | 2 zset zset | number zset+) (MIN | MAX) (COUNT count)*
  ZRANGE zset index index ${RANGE_OPTIONS}
  ZRANGE zset bound bound BYSCORE ${RANGE_OPTIONS}
  ZRANGE names lex lex BYLEX ${RANGE_OPTIONS}
  ZREVRANGE zset index index (WITHSCORES)?
  (ZRANGEBYSCORE | ZREVRANGEBYSCORE) zset bound bound (WITHSCORES | LIMIT index count)*
  (ZRANGEBYLEX | ZREVRANGEBYLEX) names lex lex (LIMIT index count)*
  ZRANGESTORE (zset | key) (zset index index | zset bound bound BYSCORE | names lex lex BYLEX) ${LIMIT_OPTIONS}*
  ZREMRANGEBYRANK zset index index
  ZREMRANGEBYSCORE zset bound bound
  ZREMRANGEBYLEX names lex lex
  ZRANDMEMBER zset (count (WITHSCORES)?)?
  ZSCAN zset 0 (MATCH pattern)? COUNT 100000
  (ZUNION | ZINTER) ${TWO_ZSETS} ${MERGE_OPTIONS} (WITHSCORES)?
  (ZUNIONSTORE | ZINTERSTORE) zset ${TWO_ZSETS} ${MERGE_OPTIONS}
  ZDIFF ${TWO_ZSETS} (WITHSCORES)?
  ZDIFFSTORE zset ${TWO_ZSETS}
  ZINTERCARD ${TWO_ZSETS} (LIMIT count)?

  (DEL | UNLINK | EXISTS | TOUCH) key+
  (TYPE | PERSIST | TTL | PTTL | EXPIRETIME | PEXPIRETIME | DUMP) key
  (EXPIRE | PEXPIRE) key time event*
  (EXPIREAT | PEXPIREAT) key moment event*
  (RENAME | RENAMENX) key key
  COPY key key (REPLACE | DB db)*
  MOVE key db
  KEYS pattern
  SCAN 0 (MATCH pattern)? COUNT 100000 (TYPE (STRING | LIST | ZSet | bad))?
  SCAN (0 | x | -1 | 18446744073709551616) (COUNT count)?
  RANDOMKEY
  DBSIZE
  OBJECT ENCODING key
  OBJECT (HELP | bad | FREQ key | ENCODING)
  SELECT db
  SWAPDB db db
  (FLUSHDB | FLUSHDB | FLUSHALL) (ASYNC | SYNC | bad)?
  MULTI
  EXEC
  EXEC
  DISCARD
  WATCH key+
  UNWATCH
  PING word?
  ECHO word
  CLIENT (GETNAME | SETNAME name | NO-EVICT (ON | OFF | x) | bad | UNPAUSE)
  PUBLISH word word
  PUBSUB (CHANNELS pattern | NUMSUB word+ | NUMPAT | bad)
  WAIT 0 0
  COMMAND GETKEYS (SET k v | MSET a 1 b 2 | ZUNION number key key | GET | LMOVE list list x y)
  COMMAND GETKEYS (BLMPOP 0 number list LEFT | SINTERCARD number key LIMIT | MIGRATE h 1 key 0 10 KEYS key)
  COMMAND GETKEYSANDFLAGS (SET k v | SET k v GET | ZUNIONSTORE d 2 a b | COPY a b | SMOVE a b c)
  COMMAND (HELP | LIST FILTERBY bad | LIST FILTERBY (ACLCAT bad | MODULE x) | INFO bad | bad)
  RESTORE key (0 | x | -1) value (REPLACE | ABSTTL | IDLETIME integer | FREQ count)*
  HELLO (2 | 3 | 1 | 4 | integer) (SETNAME name | AUTH word word | bad)*
  AUTH word+
  CLIENT (UNBLOCK integer (TIMEOUT | ERROR | bad)? | KILL (word | ID integer | TYPE bad | SKIPME x | USER x))
  CLIENT (REPLY bad | PAUSE (x | -1) (ALL | bad)? | LIST (TYPE bad | ID x | bad) | NO-EVICT)
  CONFIG GET (hash-max-listpack-value | maxmemory-policy | save | nosuch | appendonly)
  CONFIG SET (nosuch 1 | hash-max-listpack-entries x | maxmemory-policy bad | save (x | 1) | port x | databases 5)+
  CONFIG (RESETSTAT x | HELP | bad)
  LATENCY (HISTORY word | RESET word | GRAPH word | HELP | bad)
  SLOWLOG (GET (x | -5) | HELP | bad)
  MEMORY (HELP | USAGE nosuch | USAGE key SAMPLES (x | -1) | bad)
  DEBUG (bad | OBJECT nosuch | SLEEP | SET-ACTIVE-EXPIRE | JMAP)
  CLUSTER (INFO | bad)
  FUNCTION (LIST | LIST bad | FLUSH | FLUSH (SYNC | bad) | DUMP | RESTORE value (REPLACE | bad)? | bad)
  (READONLY | READWRITE | ASKING | ROLE | FAILOVER ABORT | REPLICAOF NO ONE | REPLICAOF x | LASTSAVE x | TIME x)
  RESET
  NOSUCH word
  (GETS | get string | sEt string value)
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');
