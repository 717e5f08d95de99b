/**
 * The numbers of the RDB format: what its bytes mean, stated here once. Version 10, as Redis 7.0 writes it.
 *
 *   REDIS0010 │ AUX name value … │ per database: SELECTDB n, RESIZEDB keys mortals, keys … │ EOF │ CRC64 (8 bytes)
 *
 *   key       │ EXPIRETIME_MS at? │ IDLE seconds? │ FREQ count? │ type │ key │ value │
 *
 *   length    00xxxxxx                 up to 63               10000000 xxxx      32 bits, big endian
 *             01xxxxxx x               up to 16383            10000001 xxxxxxxx  64 bits, big endian
 *   string    length, bytes; or        11000000 x  11000001 xx  11000010 xxxx    an integer, little endian
 *                                      11000011 packed length, length, bytes     LZF
 */

export const RDB_VERSION = 10;
/** That of Redis 7.2, whose files are read: it has listpacks for small sets, and another form of streams. */
const NEWEST_VERSION = 11;
/** The oldest files that are known to be read. */
const OLDEST_VERSION = 1;
/** Whether a file says so of a version that is known. Only digits will do: "001?" read as 1 would hide all damage,
 *  since files of version 1 have no checksum. */
export function isReadable(version: string): boolean {
  const n = Number.parseInt(version, 10);
  return n >= OLDEST_VERSION && n <= NEWEST_VERSION && String(n).padStart(version.length, '0') === version;
}

/** From this version on a checksum ends the file. */
export const CHECKSUM_SINCE = 5;
export const MAGIC = 'REDIS';
/** Why a file is not read that does not begin with it and a version that is known. */
export const NOT_READ = {
  signature: 'Wrong signature trying to load DB from file',
  version: "Can't handle RDB format version",
} as const;
export const MAGIC_BYTES = 9;
export const CHECKSUM_BYTES = 8;

/** What may stand where the type of a key is expected. */
export const OPCODE = {
  FUNCTION2: 245,
  FUNCTION_PRE_GA: 246,
  MODULE_AUX: 247,
  IDLE: 248,
  FREQ: 249,
  AUX: 250,
  RESIZEDB: 251,
  EXPIRETIME_MS: 252,
  EXPIRETIME: 253,
  SELECTDB: 254,
  EOF: 255,
} as const;

/** Types of values: what a key holds, and in which form it is written. */
export const TYPE = {
  STRING: 0,
  LIST: 1,
  SET: 2,
  ZSET: 3,
  HASH: 4,
  ZSET_2: 5,
  MODULE: 6,
  MODULE_2: 7,
  HASH_ZIPMAP: 9,
  LIST_ZIPLIST: 10,
  SET_INTSET: 11,
  ZSET_ZIPLIST: 12,
  HASH_ZIPLIST: 13,
  LIST_QUICKLIST: 14,
  STREAM_LISTPACKS: 15,
  HASH_LISTPACK: 16,
  ZSET_LISTPACK: 17,
  LIST_QUICKLIST_2: 18,
  STREAM_LISTPACKS_2: 19,
  SET_LISTPACK: 20,
  STREAM_LISTPACKS_3: 21,
} as const;

/** The newest that a payload of `RDB_VERSION` has: forms of Redis 7.2 stand in files only. */
export const NEWEST_OF_PAYLOADS = TYPE.STREAM_LISTPACKS_2;

/** Names of types that cannot be loaded, for the message that says so. */
export const UNREADABLE: ReadonlyMap<number, string> = new Map([
  [TYPE.MODULE, 'module'],
  [TYPE.MODULE_2, 'module'],
  [TYPE.STREAM_LISTPACKS, 'stream'],
  [TYPE.STREAM_LISTPACKS_2, 'stream'],
  [TYPE.STREAM_LISTPACKS_3, 'stream'],
]);

/** The first byte of a string that is not written as it is. */
export const STRING_FORM = { INT8: 0xc0, INT16: 0xc1, INT32: 0xc2, LZF: 0xc3 } as const;
/** The first byte of a length of 32 and 64 bits. */
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;

/** How a node of a list is kept: one element alone, or a listpack. */
export const CONTAINER = { PLAIN: 1, PACKED: 2 } as const;

/** Strings up to here are tried as integers, longer ones than the second bound as LZF. */
export const INTEGER_CHARS = 11;
export const COMPRESS_ABOVE = 20;
/** So much shorter a string must become, or it is written as it is. */
export const COMPRESS_GAIN = 4;

/** In the old form of scores a length of these says what no digits can. */
export const SCORE_FORM = { NAN: 253, INFINITE: 254, MINUS_INFINITE: 255 } as const;

/** What redis-check-rdb calls the types of values. */
export const FORM_NAMES: ReadonlyMap<number, string> = new Map([
  [TYPE.STRING, 'string'],
  [TYPE.LIST, 'list-linked'],
  [TYPE.SET, 'set-hashtable'],
  [TYPE.ZSET, 'zset-v1'],
  [TYPE.HASH, 'hash-hashtable'],
  [TYPE.ZSET_2, 'zset-v2'],
  [TYPE.MODULE, 'module-pre-release'],
  [TYPE.MODULE_2, 'module-value'],
  [TYPE.HASH_ZIPMAP, 'hash-zipmap'],
  [TYPE.LIST_ZIPLIST, 'list-ziplist'],
  [TYPE.SET_INTSET, 'set-intset'],
  [TYPE.ZSET_ZIPLIST, 'zset-ziplist'],
  [TYPE.HASH_ZIPLIST, 'hash-ziplist'],
  [TYPE.LIST_QUICKLIST, 'quicklist'],
  [TYPE.STREAM_LISTPACKS, 'stream'],
  [TYPE.HASH_LISTPACK, 'hash-listpack'],
  [TYPE.ZSET_LISTPACK, 'zset-listpack'],
  [TYPE.LIST_QUICKLIST_2, 'quicklist-v2'],
  [TYPE.STREAM_LISTPACKS_2, 'stream-v2'],
  [TYPE.SET_LISTPACK, 'set-listpack'],
  [TYPE.STREAM_LISTPACKS_3, 'stream-v3'],
]);
