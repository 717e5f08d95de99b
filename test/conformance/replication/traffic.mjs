/**
 * Writes of all kinds, drawn from a seed: what replicas have to repeat.
 *
 * Whatever a command gives by chance (SPOP) or by the clock (EXPIRE) is among them: that is what has to be rewritten.
 */
import { seeded } from '../../golden/chance.mjs';
import { encode } from './servers.mjs';

const KEYS = 150;

/** Throws of so many sides. */
export function dice(seed) {
  const chance = seeded(seed);
  return (n) => Math.floor(chance() * n);
}

// biome-ignore format: a table
const KINDS = [
  (k, r) => ['SET', `s${k}`, 'v'.repeat(r(200)) + r(1e6)],
  (k, r) => ['SET', `s${k}`, String(r(1e9)), 'EX', String(1 + r(1000))],
  (k, r) => ['SETRANGE', `s${k}`, String(r(300)), 'xyz'],
  (k, r) => ['APPEND', `s${k}`, 'abc'.repeat(1 + r(5))],
  (k) => ['INCR', `n${k}`],
  (k) => ['INCRBYFLOAT', `f${k}`, '0.1'],
  (k, r) => ['GETEX', `s${k}`, 'PX', String(1 + r(50))],
  (k) => ['GETDEL', `s${k}`],
  (k, r) => ['RPUSH', `l${k}`, ...words(r, 1 + r(8))],
  (k, r) => ['LPUSH', `l${k}`, 'x'.repeat(r(3000))],
  (k) => ['LPOP', `l${k}`],
  (k, r) => ['LTRIM', `l${k}`, '0', String(r(60))],
  (k, r) => ['LINSERT', `l${k}`, 'BEFORE', `w${r(30)}`, 'inserted'],
  (k, r) => ['LMOVE', `l${k}`, `l${r(KEYS)}`, 'LEFT', 'RIGHT'],
  (k, r) => ['HSET', `h${k}`, `f${r(300)}`, `v${r(1e6)}`, `f${r(300)}`, 'x'.repeat(r(100))],
  (k, r) => ['HDEL', `h${k}`, `f${r(300)}`],
  (k) => ['HINCRBYFLOAT', `h${k}`, 'float', '1.5'],
  (k, r) => ['SADD', `t${k}`, ...words(r, 1 + r(10))],
  (k, r) => ['SADD', `i${k}`, String(r(1000)), String(r(100000))],
  (k, r) => ['SPOP', `t${k}`, String(1 + r(3))],
  (k, r) => ['SMOVE', `t${k}`, `t${r(KEYS)}`, `w${r(30)}`],
  (k, r) => ['SUNIONSTORE', `u${k}`, `t${k}`, `i${r(KEYS)}`],
  (k, r) => ['ZADD', `z${k}`, String(r(1000) / 7), `w${r(200)}`, String(r(10)), `w${r(200)}`],
  (k, r) => ['ZINCRBY', `z${k}`, '2.5', `w${r(200)}`],
  (k) => ['ZPOPMIN', `z${k}`, '2'],
  (k, r) => ['ZREMRANGEBYRANK', `z${k}`, '0', String(r(3))],
  (k, r) => ['ZUNIONSTORE', `y${k}`, '2', `z${k}`, `z${r(KEYS)}`],
  (k, r) => ['EXPIRE', `${'slhtz'[r(5)]}${k}`, String(1 + r(500))],
  (k, r) => ['PEXPIRE', `${'slhtz'[r(5)]}${k}`, String(1 + r(30))],
  (k, r) => ['PERSIST', `${'slhtz'[r(5)]}${k}`],
  (k, r) => ['DEL', `${'slhtz'[r(5)]}${k}`],
  (k, r) => ['UNLINK', `${'slhtz'[r(5)]}${k}`, `u${k}`],
  (k, r) => ['RENAME', `l${k}`, `l${r(KEYS)}`],
  (k, r) => ['COPY', `h${k}`, `h${r(KEYS)}`, 'REPLACE'],
  (_, r) => ['GET', `s${r(KEYS)}`],
];

function words(r, count) {
  return Array.from({ length: count }, () => `w${r(30)}`);
}

/** So many commands in one buffer; some in transactions, some in another database. */
export function commands(r, count) {
  const parts = [];
  const one = () => parts.push(encode(...KINDS[r(KINDS.length)](r(KEYS), r)));
  for (let i = 0; i < count; i++) {
    const chance = r(60);
    if (chance === 0) {
      parts.push(encode('MULTI'));
      for (let n = 1 + r(4); n > 0; n--) one();
      parts.push(encode('EXEC'));
    } else if (chance === 1) parts.push(encode('SELECT', String(r(4))));
    else if (chance === 2 && r(20) === 0) parts.push(encode('SWAPDB', '0', String(1 + r(3))));
    else if (chance === 3 && r(40) === 0) parts.push(encode('FLUSHDB'));
    else one();
  }
  return Buffer.concat(parts);
}

/** Writes until told to stop; what it has written so far is answered when `stop` returns. */
export function writeOn(peer, seed) {
  const r = dice(seed);
  let goesOn = true;
  let count = 0;
  const done = (async () => {
    while (goesOn) {
      await peer.send(commands(r, 200));
      count += 200;
    }
    await peer.ask('SELECT', '0');
    return count;
  })();
  return {
    stop() {
      goesOn = false;
      return done;
    },
  };
}
