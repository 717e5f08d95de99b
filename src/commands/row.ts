/**
 * What a row of the command table says, and how its two compact columns are read.
 *
 *   ['getdel', 2, 'write fast @string', 'RW access delete @1', '6.2.0', getdel, 'Reads a string and deletes its key.']
 *     │        │   │                     │                      │        │       └ summary, in COMMAND DOCS
 *     │        │   │                     │                      │        └ handler; null: not there yet, or a container
 *     │        │   │                     │                      └ since
 *     │        │   │                     └ key specs: flags, where the keys are, `member@2` for read-ahead
 *     │        │   └ flags as COMMAND INFO prints them, then ACL categories that do not follow from the flags
 *     │        └ exact count of arguments with the name, or minus the least count
 *     └ name; a sub-command is 'config|get' and stands in a row of its own, its container before it
 *
 * Key specs are parted by `; `. Each is: flags, then a place.
 *
 *   @1          argument 1                          @1..-1      from argument 1 to the last one
 *   @1..+1      two arguments from 1 on             @1..-1/2    every second one of them
 *   @1..-1%2    the first half of them              @2:numkeys  argument 2 is a count, that many keys follow
 *   @STORE>6    the argument after the word STORE, looked for from argument 6 on (below 0: backwards, from the end)
 *
 * `movablekeys` and the categories that follow from flags are not written: they are derived as redis derives them.
 */
import type { Handler } from './handler.js';

export type Row = readonly [
  name: string,
  arity: number,
  flags: string,
  keys: string,
  since: string,
  run: Handler | null,
  summary: string,
];

/** In the order in which COMMAND INFO lists them. */
export const FLAG = {
  WRITE: 1 << 0,
  READONLY: 1 << 1,
  DENYOOM: 1 << 2,
  MODULE: 1 << 3,
  ADMIN: 1 << 4,
  PUBSUB: 1 << 5,
  NOSCRIPT: 1 << 6,
  BLOCKING: 1 << 7,
  LOADING: 1 << 8,
  STALE: 1 << 9,
  SKIP_MONITOR: 1 << 10,
  SKIP_SLOWLOG: 1 << 11,
  ASKING: 1 << 12,
  FAST: 1 << 13,
  NO_AUTH: 1 << 14,
  MAY_REPLICATE: 1 << 15,
  NO_MANDATORY_KEYS: 1 << 16,
  PROTECTED: 1 << 17,
  NO_ASYNC_LOADING: 1 << 18,
  NO_MULTI: 1 << 19,
  MOVABLEKEYS: 1 << 20,
  ALLOW_BUSY: 1 << 21,
  TOUCHES_ARBITRARY_KEYS: 1 << 22,
} as const;

/** Known to the server, not told to clients. */
const HIDDEN_FLAGS = FLAG.MAY_REPLICATE | FLAG.PROTECTED | FLAG.TOUCHES_ARBITRARY_KEYS;

/** In the order in which COMMAND INFO lists them. */
export const CATEGORY = {
  KEYSPACE: 1 << 0,
  READ: 1 << 1,
  WRITE: 1 << 2,
  SET: 1 << 3,
  SORTEDSET: 1 << 4,
  LIST: 1 << 5,
  HASH: 1 << 6,
  STRING: 1 << 7,
  BITMAP: 1 << 8,
  HYPERLOGLOG: 1 << 9,
  GEO: 1 << 10,
  STREAM: 1 << 11,
  PUBSUB: 1 << 12,
  ADMIN: 1 << 13,
  FAST: 1 << 14,
  SLOW: 1 << 15,
  BLOCKING: 1 << 16,
  DANGEROUS: 1 << 17,
  CONNECTION: 1 << 18,
  TRANSACTION: 1 << 19,
  SCRIPTING: 1 << 20,
} as const;

/** How a command uses a key, in the order in which COMMAND INFO lists it. */
export const KEY_FLAG = {
  RO: 1 << 0,
  RW: 1 << 1,
  OW: 1 << 2,
  RM: 1 << 3,
  ACCESS: 1 << 4,
  UPDATE: 1 << 5,
  INSERT: 1 << 6,
  DELETE: 1 << 7,
  NOT_KEY: 1 << 8,
  INCOMPLETE: 1 << 9,
  VARIABLE_FLAGS: 1 << 10,
} as const;

export interface KeySpec {
  /** Bits of KEY_FLAG. */
  readonly flags: number;
  readonly begin: 'index' | 'keyword';
  /** The first key, or the count in front of it, or where the search for the keyword starts. */
  readonly at: number;
  /** In lower case. */
  readonly keyword: string;
  readonly find: 'range' | 'keynum';
  /** range: the last key, counted from the first one, or from the end if below zero. */
  readonly last: number;
  /** range: the part of the arguments that are keys is 1/limit; 0 and 1 mean all. */
  readonly limit: number;
  readonly step: number;
}

export interface Flags {
  readonly flags: number;
  readonly categories: number;
}

export interface Keys {
  readonly specs: readonly KeySpec[];
  /** The argument that is a member of the collection at the key: worth reading ahead. 0 = none. */
  readonly memberArg: number;
}

/** Reads a flags column: `write fast @string`. */
export function parseFlags(column: string): Flags {
  let flags = 0;
  let categories = 0;
  if (column === '') return withImpliedCategories(flags, categories);
  for (const word of column.split(' ')) {
    if (word.startsWith('@')) categories |= bitOf(CATEGORY, word.slice(1).toUpperCase());
    else flags |= bitOf(FLAG, word.toUpperCase());
  }
  return withImpliedCategories(flags, categories);
}

function withImpliedCategories(flags: number, categories: number): Flags {
  if (flags & FLAG.WRITE) categories |= CATEGORY.WRITE;
  if (flags & FLAG.READONLY && !(categories & CATEGORY.SCRIPTING)) categories |= CATEGORY.READ;
  if (flags & FLAG.ADMIN) categories |= CATEGORY.ADMIN | CATEGORY.DANGEROUS;
  if (flags & FLAG.PUBSUB) categories |= CATEGORY.PUBSUB;
  if (flags & FLAG.FAST) categories |= CATEGORY.FAST;
  if (flags & FLAG.BLOCKING) categories |= CATEGORY.BLOCKING;
  if (!(categories & CATEGORY.FAST)) categories |= CATEGORY.SLOW;
  return { flags, categories };
}

const NO_KEYS: Keys = { specs: [], memberArg: 0 };

/** Reads a keys column: `RO access @1; OW update @STORE>6`. */
export function parseKeys(column: string): Keys {
  if (column === '') return NO_KEYS;
  const member = column.lastIndexOf(' member@');
  const specs = (member < 0 ? column : column.slice(0, member)).split('; ').map(parseKeySpec);
  return { specs, memberArg: member < 0 ? 0 : Number(column.slice(member + ' member@'.length)) };
}

function parseKeySpec(text: string): KeySpec {
  const words = text.split(' ');
  const place = words[words.length - 1];
  if (!place.startsWith('@')) throw new Error(`no place in the key spec '${text}'`);
  const [start, counted] = place.slice(1).split(':');
  const [begin, range = '+0'] = start.split('..');
  const [last, step = '1'] = range.split('%')[0].split('/');
  const [from, keyword = ''] = begin.split('>').reverse();
  let flags = 0;
  for (let i = 0; i < words.length - 1; i++) flags |= bitOf(KEY_FLAG, words[i].toUpperCase());
  return {
    flags,
    begin: keyword === '' ? 'index' : 'keyword',
    at: whole(from, text),
    keyword: keyword.toLowerCase(),
    find: counted === 'numkeys' ? 'keynum' : 'range',
    last: whole(last, text),
    limit: whole(range.split('%')[1] ?? '0', text),
    step: whole(step, text),
  };
}

function whole(digits: string, text: string): number {
  const n = Number(digits);
  if (digits === '' || !Number.isInteger(n)) throw new Error(`'${digits}' is no number in the key spec '${text}'`);
  return n;
}

function bitOf(bits: Readonly<Record<string, number>>, word: string): number {
  const bit = bits[word];
  if (bit === undefined) throw new Error(`'${word}' is no flag of a command row`);
  return bit;
}

/** The words of a set of bits, as they go out. */
export function flagWords(flags: number): string[] {
  return wordsOf(FLAG, flags & ~HIDDEN_FLAGS).map((word) => word.toLowerCase());
}

export function categoryWords(categories: number): string[] {
  return wordsOf(CATEGORY, categories).map((word) => `@${word.toLowerCase()}`);
}

/** RO, RW, OW and RM are printed in capitals, the others are not. */
export function keyFlagWords(flags: number): string[] {
  return wordsOf(KEY_FLAG, flags).map((word) => (word.length === 2 ? word : word.toLowerCase()));
}

function wordsOf(bits: Readonly<Record<string, number>>, value: number): string[] {
  return Object.keys(bits).filter((word) => (value & bits[word]) !== 0);
}
