/**
 * Replies as they are compared: to the byte, but for what a hash table orders, chance picks or a clock tells.
 *
 *    $3 abc ─▶ '$abc'      *2 … ─▶ ['*', …]      %1 … ─▶ ['%', key, value]
 *
 * What runs in EXEC is compared by the rules of the commands that were queued.
 */

/** No member looks like it: those begin with their mark. */
const NIL = 'nil';
/** Two clocks may differ by what a busy machine lets pass between two servers. */
const CLOCK_STEPS = { TTL: 10, EXPIRETIME: 10, PTTL: 10_000, PEXPIRETIME: 10_000 };
const BAGS = new Set(['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF', 'HKEYS', 'HVALS', 'KEYS']);
const PICKED = new Set(['SRANDMEMBER', 'HRANDFIELD', 'ZRANDMEMBER', 'RANDOMKEY']);
/** Types of RDB whose elements come in the order of a hash table, and a list, whose nodes may be parted elsewhere. */
const UNORDERED_DUMPS = new Set([2, 4, 18]);

/** Reads replies off bytes as they come; gives `null` where one is not complete. */
export class Replies {
  #bytes = Buffer.alloc(0);
  #at = 0;

  feed(bytes) {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  next() {
    const from = this.#at;
    try {
      return this.#read();
    } catch (error) {
      if (error !== INCOMPLETE) throw error;
      this.#at = from;
      return null;
    }
  }

  #line() {
    const end = this.#bytes.indexOf('\r\n', this.#at);
    if (end < 0) throw INCOMPLETE;
    const line = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #read() {
    const line = this.#line();
    const mark = line[0];
    const n = Number(line.slice(1));
    if ('$=!'.includes(mark)) return n < 0 ? NIL : mark + this.#text(n);
    if (!'*%~>'.includes(mark)) return line;
    if (n < 0) return line;
    return [mark, ...Array.from({ length: mark === '%' ? n * 2 : n }, () => this.#read())];
  }

  #text(n) {
    if (this.#bytes.length < this.#at + n + 2) throw INCOMPLETE;
    const text = this.#bytes.toString('latin1', this.#at, this.#at + n);
    this.#at += n + 2;
    return text;
  }
}

const INCOMPLETE = new Error('incomplete');

/** Figures of INFO that depend on nothing but what was said. */
const FIGURES = /^(keyspace_hits|keyspace_misses|expired_keys|errorstat_.*|cmdstat_(?!info|config).*):(.*)$/;
const TIMES = /,usec=\d+,usec_per_call=[\d.]+/;

/** Which commands a connection has queued, as far as its replies tell, and how many changes there were before. */
export class Rules {
  #queued = [];
  #changes = null;

  /** Two replies to a request are the same, as far as they can be. */
  areAlike(args, theirs, ours) {
    const name = args[0].toString('latin1').toUpperCase();
    if (name === 'INFO') return this.#areAlikeFigures(theirs, ours);
    if (theirs === '+QUEUED') this.#queued.push(args);
    else if (name === 'EXEC' && Array.isArray(theirs)) return this.#areAlikeInExec(theirs, ours);
    else if (['EXEC', 'DISCARD', 'RESET'].includes(name)) this.#queued = [];
    return alike(name, args, theirs, ours);
  }

  /** The first INFO of a conversation only says where the count of changes begins. */
  #areAlikeFigures(...infos) {
    const [theirs, ours] = infos.map(changesIn);
    const before = this.#changes;
    this.#changes = [theirs, ours];
    if (before === null) return true;
    const [their, our] = infos.map((info) => JSON.stringify(figuresIn(info)));
    return theirs - before[0] === ours - before[1] && their === our;
  }

  #areAlikeInExec(theirs, ours) {
    const queued = this.#queued.splice(0);
    if (!Array.isArray(ours) || ours.length !== theirs.length) return false;
    return queued.every((args, i) => alike(args[0].toString('latin1').toUpperCase(), args, theirs[i + 1], ours[i + 1]));
  }
}

function alike(name, args, theirs, ours) {
  const step = CLOCK_STEPS[name];
  if (step !== undefined && isInteger(theirs) && isInteger(ours))
    return theirs === ours || (theirs.slice(1) > 0 && Math.abs(theirs.slice(1) - ours.slice(1)) <= step);
  if (name === 'HELLO') return typeof theirs === typeof ours;
  const dumped = name === 'DUMP' && typeof theirs === 'string' ? theirs.charCodeAt(1) : 0;
  if (UNORDERED_DUMPS.has(dumped)) return typeof ours === 'string' && ours.charCodeAt(1) === dumped;
  return JSON.stringify(normal(name, args, theirs)) === JSON.stringify(normal(name, args, ours));
}

function isInteger(reply) {
  return typeof reply === 'string' && reply.startsWith(':');
}

function normal(name, args, reply) {
  if (PICKED.has(name)) return shapeOf(reply);
  if (!Array.isArray(reply)) return reply;
  if (BAGS.has(name) || (name === 'SPOP' && args.length === 3)) return bagOf(reply, 1);
  if (name === 'HGETALL') return bagOf(reply, 2);
  if (name === 'SSCAN' || name === 'SCAN') return scanned(name, args, reply, 1);
  return name === 'HSCAN' || name === 'ZSCAN' ? scanned(name, args, reply, 2) : reply;
}

function bagOf([mark, ...elements], size) {
  const parts = [];
  for (let i = 0; i < elements.length; i += size) parts.push(JSON.stringify(elements.slice(i, i + size)));
  return [mark, ...parts.sort()];
}

/** A cursor of a walk that is not over says nothing, and neither does how far it came. */
function scanned(name, args, [mark, cursor, found], size) {
  if (name === 'SCAN' && !args.some((arg) => arg.equals(WHOLE))) return shapeOf([mark, cursor]);
  return [mark, cursor, bagOf(found, size)];
}

const WHOLE = Buffer.from('100000');

function shapeOf(reply) {
  if (Array.isArray(reply)) return reply.map((part, i) => (i === 0 ? part : shapeOf(part)));
  return reply.startsWith('-') || reply === NIL || reply === '*-1' ? reply : reply[0];
}

function changesIn(info) {
  return Number(/rdb_changes_since_last_save:(\d+)/.exec(info)[1]);
}

export function figuresIn(info) {
  const lines = info.split('\r\n').filter((line) => FIGURES.test(line));
  return lines.map((line) => line.replace(TIMES, '')).sort();
}
