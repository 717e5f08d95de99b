/**
 * The layout of an entry: a key with its value, or a member of a big set, hash or sorted set. Stated here once.
 *
 *   byte  0      4      8      12     16            (24)          (32)
 *         │ next │ hash │ meta │ lens │ [ f64 ]     │ [ long ]    │ key bytes │ value bytes or record │
 *                   │      │             │             └ only with LONG: key length u32, value length u32, record
 *                   │      │             └ only with EXTRA: the time of death in ms, or a member's score
 *                   │      └ key length (8 bits; 255 = see long) | value length << 8 (24 bits)
 *                   └ bit 1 EMITTED · bit 2 LONG · bit 3 EXTRA · bits 4–7 kind · bits 8–31 LRU or LFU clock
 *
 * A collection's value is a record of fixed size, 8-byte aligned behind the key; what it points to is the
 * business of `types/`. With LONG it stands in front of the key instead: behind one of more than 16 MiB no address
 * would reach it. Entries move when they outgrow their block, so an address is good until the next write.
 *
 * HOT. `w` is the Int32Array of a segment, `i` the index of the entry's first word in it. bench: SET, GET
 */

export const SEG_SHIFT = 21;
export const SEG_MASK = 0x1fffff;

/** Words of the header. */
export const NEXT = 0;
export const HASH = 1;
export const META = 2;
export const LENS = 3;
export const HEADER_BYTES = 16;

/** Bits of `meta`. EXTRA and LONG are chosen so that they turn into byte counts by a shift. */
export const LONG = 4;
export const EXTRA = 8;
/** A snapshot has emitted the key, or need not: which of the bit's two values says so changes (marks.ts). */
export const EMITTED = 2;
/** Bytes of the two long lengths. */
export const LONG_BYTES = 8;
export const KIND_SHIFT = 4;
export const KIND_MASK = 15;

/** What `kind` says: type and encoding in one number. */
export const STRING = 0; // int, embstr or raw, by its bytes
export const STRING_RAW = 1; // changed in place since: never int or embstr again
export const STRING_EMBSTR = 2; // made by arithmetic on floats: not int even if it looks so
export const LIST = 3;
export const SET_INTSET = 4;
export const SET_TABLE = 5;
export const HASH_PACK = 6;
export const HASH_TABLE = 7;
export const ZSET_PACK = 8;
export const ZSET_TREE = 9;
export const STREAM = 10;

/** Types as commands know them, and the type of each kind. */
export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 6;
export const TYPE_OF_KIND = Uint8Array.of(0, 0, 0, 1, 2, 2, 4, 4, 3, 3, 6, 15, 15, 15, 15, 15);
export const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'module', 'stream'] as const;

/** Bytes of the record of each kind; 0 for strings, whose value is bytes. */
export const RECORD_BYTES = Uint8Array.of(0, 0, 0, 16, 16, 16, 16, 16, 24, 24, 24, 0, 0, 0, 0, 0);

/** From here on a key length, or a value length, needs the long words. */
export const LONG_KEY = 255;
export const LONG_VALUE = 1 << 24;

/** The time of death of what does not die. */
export const IMMORTAL = Number.POSITIVE_INFINITY;

/** No entry. */
export const NONE = 0;
/** The key holds another type, and the client was told so. */
export const WRONG = -1;
