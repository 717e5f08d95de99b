/**
 * Keyspace events: the names under which a change of a key is announced, and the class each belongs to.
 *
 * A handler says which event it caused by number; what becomes of it (WATCH, notifications, propagation) is decided
 * by the `KeyObserver` of the engine, which is absent while nobody looks.
 */

/**
 * The class of each, by its letter in `notify-keyspace-events`: g generic, $ string, l list, s set, h hash, z sorted
 * set, x expired, e evicted, n new, m miss.
 */
/* biome-ignore format: a table */
const ROWS = [
  ['', 'none'],            ['g', 'del'],           ['g', 'rename_from'],    ['g', 'rename_to'],    ['g', 'expire'],
  ['g', 'persist'],        ['g', 'move_from'],     ['g', 'move_to'],        ['g', 'copy_to'],      ['g', 'restore'],
  ['$', 'set'],            ['$', 'setrange'],      ['$', 'incrby'],         ['$', 'incrbyfloat'],  ['$', 'append'],
  ['l', 'lpush'],          ['l', 'rpush'],         ['l', 'lpop'],           ['l', 'rpop'],         ['l', 'linsert'],
  ['l', 'lset'],           ['l', 'lrem'],          ['l', 'ltrim'],          ['s', 'sadd'],         ['s', 'srem'],
  ['s', 'spop'],           ['s', 'sinterstore'],   ['s', 'sunionstore'],    ['s', 'sdiffstore'],   ['h', 'hset'],
  ['h', 'hdel'],           ['h', 'hincrby'],       ['h', 'hincrbyfloat'],   ['z', 'zadd'],         ['z', 'zincr'],
  ['z', 'zrem'],           ['z', 'zremrangebyscore'], ['z', 'zremrangebyrank'], ['z', 'zremrangebylex'],
  ['z', 'zpopmin'],
  ['z', 'zpopmax'],        ['z', 'zinterstore'],   ['z', 'zunionstore'],    ['z', 'zdiffstore'],   ['z', 'zrangestore'],
  ['x', 'expired'],        ['e', 'evicted'],       ['n', 'new'],            ['m', 'keymiss'],
] as const;

export type EventName = (typeof ROWS)[number][1];

/** Name → number: `EVENT.set`. */
export const EVENT = Object.fromEntries(ROWS.map(([, name], id) => [name, id])) as Record<EventName, number>;
export const EVENT_CLASS: readonly string[] = ROWS.map(([letter]) => letter);
export const EVENT_NAME: readonly string[] = ROWS.map(([, name]) => name);

/** Who wants to know of changes. The bytes are only valid during the call. */
export interface KeyObserver {
  keyChanged(database: number, bytes: Uint8Array, offset: number, length: number, event: number): void;
  /** The key was removed because its time had come; it is gone already. */
  keyExpired(database: number, bytes: Uint8Array, offset: number, length: number): void;
  /** A read looked for a key in vain. */
  keyMissed?(database: number, bytes: Uint8Array, offset: number, length: number): void;
  /** All keys of a database are about to be dropped, or exchanged with those of another. */
  replacing(database: number, other: number | null): void;
}
