/**
 * What the clients of a story may say (stories.mjs): lines of the grammar (grammar.mjs), by theme.
 *
 * Few keys that all themes share, so that clients meet. What a hash table orders is not asked for, nor what chance
 * picks. `life` is short: who says it is followed by a nap. `@0` is the id of the first client, `@dump` what DUMP says.
 */
const KINDS = { string: 's', list: 'l', hash: 'h', set: 't', zset: 'z' };
const bytes = (text) => Buffer.from(text, 'latin1');

// biome-ignore format: a table
const WORDS = {
  value:   ['', 'x', 'hello', '12', '7', 'v'.repeat(70), '-3'],
  element: ['a', 'b', 'c', 'd', '1', '2', '3', 'e'.repeat(65), 'x'],
  number:  ['1', '2', '3', '-1', '0', '5', '100'],
  score:   ['1', '2', '3', '1.5', '-1', 'inf', 'x'],
  time:    ['100000', '200000', '300000', '0', '-1'],
  stamp:   ['33177117420', '33177117421', '1', '33177117422', '-5'],
  life:    ['40'],
  moment:  ['1', '5', '1000'],
  wait:    ['0', '0', '0', '0', '0', '9', '-1', 'x'],
  db:      ['0', '1', '1', '2', '0', '16'],
  channel: ['c1', 'c2', 'c3'],
  pattern: ['c*', 'x?', '__key*:*'],
  who:     ['@0', '@1', '@2', '@3'],
  side:    ['LEFT', 'RIGHT'],
  end:     ['MIN', 'MAX'],
  count:   ['1', '2', '3', '0', '-1', '10'],
  index:   ['0', '1', '2', '-1', '-2', '5'],
};

export function poolsOf(tag) {
  const own = (letter) => (random) => bytes(`${letter}${1 + random.below(random.below(3) === 0 ? 3 : 2)}${tag}`);
  const any = (random) => own(random.pick(Object.values(KINDS)))(random);
  const mostly = (letter) => (random) => (random.below(14) === 0 ? any : own(letter))(random);
  return {
    ...Object.fromEntries(Object.entries(WORDS).map(([name, words]) => [name, (random) => bytes(random.pick(words))])),
    ...Object.fromEntries(Object.entries(KINDS).map(([name, letter]) => [name, mostly(letter)])),
    key: any,
    odd: (random) => bytes(random.pick(['', '0', '-1', 'x', 'NX', '1', '1e3'])),
  };
}

const linesOf = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const SET_OPTIONS = '(NX | XX | GET | KEEPTTL | EX time | PX time | EXAT stamp | PXAT stamp)';

const WRITES = linesOf(`
  SET string value
  SET key value ${SET_OPTIONS}?
  SET string value ${SET_OPTIONS}? ${SET_OPTIONS}?
  (INCR | DECR | GETDEL | GET | STRLEN | GETEX) string
  (APPEND | GETSET | SETNX) string value
  INCRBY string number
  SETRANGE string index value
  MSET string value string value
  MSETNX string value string value
  (LPUSH | RPUSH) list element+
  (LPUSH | RPUSH) list element
  (LPUSHX | RPUSHX) list element
  (LPOP | RPOP) list count?
  LMOVE list list side side
  RPOPLPUSH list list
  LMPOP 2 list list side (COUNT count)?
  LREM list number element
  LSET list index element
  LTRIM list index index
  LINSERT list (BEFORE | AFTER) element element
  LRANGE list 0 -1
  HSET hash (element value)+
  HDEL hash element+
  HSETNX hash element value
  HINCRBY hash element number
  HINCRBYFLOAT hash element score
  HGET hash element
  SADD set element+
  SREM set element+
  (SCARD | LLEN | HLEN | ZCARD | TYPE | TTL) key
  SMOVE set set element
  SISMEMBER set element
  (SINTERSTORE | SUNIONSTORE | SDIFFSTORE) (set | key) set set
  SINTERCARD 2 set set (LIMIT count)?
  ZADD zset (score element)+
  ZADD zset (score element)+
  ZADD zset (NX | XX | GT | LT | CH | INCR)? (NX | XX | CH | INCR)? score element
  ZINCRBY zset score element
  ZREM zset element+
  (ZPOPMIN | ZPOPMAX) zset count?
  ZMPOP 2 zset zset end (COUNT count)?
  ZRANGE zset 0 -1 WITHSCORES
  ZRANGESTORE (zset | key) zset index index
  (ZUNIONSTORE | ZINTERSTORE | ZDIFFSTORE) (zset | key) 2 (zset | set) zset
  ZREMRANGEBYRANK zset index index
  ZREMRANGEBYSCORE zset score score
  (DEL | UNLINK | TOUCH | EXISTS) key+
  DEL key
  (RENAME | RENAMENX) key key
  RENAME (list list | zset zset | string string)
  COPY key key REPLACE?
  COPY (list list | zset zset | string string) (REPLACE)?
  PERSIST key
  (EXPIRE | PEXPIRE) key time (NX | XX | GT | LT)?
  (EXPIREAT | PEXPIREAT) key stamp (NX | XX | GT | LT)?
  GETEX string (PERSIST | EX time | PXAT stamp)?
  RESTORE key 0 @dump REPLACE?
  OBJECT ENCODING key
`);

const DATABASES = linesOf(`
  SELECT db
  SELECT db
  SWAPDB db db
  (FLUSHDB | FLUSHALL)
  MOVE key db
  COPY key key DB db REPLACE?
  DBSIZE
`);

const TRANSACTIONS = linesOf(`
  MULTI
  MULTI
  MULTI
  EXEC
  EXEC
  EXEC
  EXEC
  DISCARD
  WATCH key+
  WATCH key
  WATCH string
  WATCH list zset string
  UNWATCH
  (GET | NOSUCH | SET string | INCR a b)
  RESET
  (WATCH | MULTI x | DISCARD x)
  FLUSHALL
  PING
`);

const DYING = linesOf(`
  PEXPIRE key life (NX | XX | GT | LT)?
  PEXPIRE (string | list | zset | hash) life
  PEXPIRE (string | list | zset | hash) life
  SET string value PX life
  SET string value PX life
  PSETEX string life value
  GETEX string PX life
  RESTORE key life @dump REPLACE?
  DEBUG SLEEP 0.06
  DEBUG SLEEP 0.06
  DEBUG SLEEP 0.06
  (SET | GETSET) string value
  (PTTL | EXISTS | TYPE | TOUCH | DUMP) key
  SET string value (PXAT | EXAT) moment
  GETEX string (PXAT | EXAT) moment
  (EXPIREAT | PEXPIREAT) key moment (NX | XX | GT | LT)?
  (EXPIRE | PEXPIRE) key (0 | -1)
  RESTORE key moment @dump ABSTTL REPLACE?
  MSETNX string value string value
  DBSIZE
  KEYS s1*
`);

const WAITING = linesOf(`
  (BLPOP | BRPOP) list+ wait
  (BLPOP | BRPOP) list list wait
  BLPOP list 0
  BLMOVE list list side side wait
  BRPOPLPUSH list list wait
  BLMPOP wait 2 list list side (COUNT count)?
  (BZPOPMIN | BZPOPMAX) zset zset wait
  BZPOPMIN zset 0
  BZMPOP wait 2 zset zset end (COUNT count)?
  (BLPOP | BRPOP | BZPOPMIN) key key 0
`);

const SERVING = linesOf(`
  (LPUSH | RPUSH) list element+
  (LPUSH | RPUSH) list element
  ZADD zset (score element)+
  (RENAME | COPY) (list list | zset zset | key key)
  CLIENT UNBLOCK who (TIMEOUT | ERROR)?
  LMOVE list list side side
  (ZUNIONSTORE | ZINTERSTORE) zset 2 zset zset
  ZRANGESTORE zset zset 0 -1
  LINSERT list BEFORE element element
  RESTORE (list | zset) 0 @dump REPLACE?
  DEL (list | zset | key)
  (SET (list | zset) x)
  MULTI
  EXEC
  LPUSH list element
  ZADD zset score element
`);

const REPLIES = linesOf(`
  CLIENT REPLY (OFF | SKIP | ON)
  CLIENT REPLY (OFF | SKIP | SKIP | ON)
  CLIENT REPLY ON
  CLIENT REPLY ON
  HELLO (2 | 3)
  HELLO (2 | 3 | 3 | 4)
  SUBSCRIBE channel+
  UNSUBSCRIBE channel
  PSUBSCRIBE pattern
  PUNSUBSCRIBE pattern
  PUBLISH channel value
  PUBLISH channel value
  PUBLISH channel value
  (PING | PING x | ECHO x)
  RESET
  (UNSUBSCRIBE c1 c2 c3 | PUNSUBSCRIBE c* x?)
  (GET | NOSUCH)
  PUBSUB (NUMPAT | NUMSUB channel)
`);

const ENCODINGS = linesOf(`
  LPOS list element (RANK (1 | -1 | 2 | 0))? (COUNT (0 | 1 | 2 | -1))? (MAXLEN (0 | 1 | 3))?
  OBJECT ENCODING key
  OBJECT ENCODING (list | hash | set | zset)
  OBJECT ENCODING (list | hash | set | zset)
  RPUSH list element element element element element
  LINSERT list (BEFORE | AFTER) element element
  LSET list index element
  HSET hash element value element value element value
  SADD set 1 2 3 5 100
  SADD set 1 2 x
  (SUNIONSTORE | SINTERSTORE | SDIFFSTORE) set set set
  ZADD zset 1 a 2 b 3 c 4 d 5 e
  ZRANGESTORE zset zset score score BYSCORE (REV)? (LIMIT index count)?
  ZUNIONSTORE zset 2 (set | zset) zset (WEIGHTS 2 score)? (AGGREGATE end)?
  LRANGE list index index
  LINDEX list index
  HMGET hash element+

  ZRANGE zset 0 -1 REV WITHSCORES
  (ZRANK | ZREVRANK | ZSCORE) zset element
  ZCOUNT zset score score
  ZINTERCARD 2 zset set (LIMIT count)?
  SMISMEMBER set element+
`);

const LOOKS = linesOf(`
  HMGET hash element element
  SINTERCARD (1 set | 2 set set | 3 set set set) (LIMIT count)?
  LPOS list element (RANK number | COUNT count | MAXLEN count)*
  ZRANGE zset index index (REV | BYSCORE | WITHSCORES)*
  ZRANGEBYSCORE zset score score (WITHSCORES)? (LIMIT count count)?
  GETRANGE string index index
  OBJECT ENCODING key
  LCS string string (LEN | IDX)?
  (MGET string string | HLEN hash | HSTRLEN hash element)
  ZMSCORE zset element element
  SUBSTR string 0 2
  (EXPIRETIME | PEXPIRETIME) key

  OBJECT FREQ key
  DEBUG DIGEST-VALUE key key
  SETRANGE string 3 value
`);
const MOVES = linesOf(`
  MOVE (list | zset) db
  COPY (list list | zset zset) DB 1
  SWAPDB 0 1
  SELECT (0 | 1)
`);
const UNWATCHED = TRANSACTIONS.filter((line) => !line.includes('WATCH'));

/** Lines stand as many times as they are to weigh. */
export const THEMES = {
  transactions: [...TRANSACTIONS, ...TRANSACTIONS, ...WRITES, ...DATABASES],
  time: [...DYING, ...DYING, ...DYING, ...UNWATCHED, ...WRITES],
  waiting: [...WAITING, ...WAITING, ...SERVING, ...SERVING, ...SERVING, ...WRITES, 'SELECT db', 'SWAPDB db db'],
  moves: [...WAITING, ...WAITING, ...SERVING, ...SERVING, ...DATABASES, ...MOVES],
  replies: [...REPLIES, ...REPLIES, ...WAITING, ...UNWATCHED, ...WRITES],
  changes: [...WRITES, ...DATABASES],
  encodings: [...ENCODINGS, ...ENCODINGS, ...WRITES],
  looks: [...LOOKS, ...LOOKS, ...WRITES],
};
