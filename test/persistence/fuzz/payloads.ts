/**
 * Payloads of RESTORE for every form a value may have in an RDB file: those that are written today, and those of old.
 *
 *   PAYLOADS()  → [['hash-ziplist', body], …]       a body is type and value; `sealed` puts version and checksum behind
 */
import { viewOf } from '../../../src/base/bytes.js';
import { Crc64 } from '../../../src/base/crc64.js';
import { FORM_NAMES, TYPE } from '../../../src/persistence/rdb-layout.js';
import { ziplist as ziplistOf } from '../../golden/rdb/ziplist.mjs';
import type { Commander } from '../../support/commander.js';
import { quietServer } from '../files.js';

const VERSION = [10, 0];
const FOOTER_BYTES = 10;

/** A body with the footer that belongs to it. */
export function sealed(body: Uint8Array, version = VERSION): Uint8Array {
  const bytes = Uint8Array.from([...body, ...version, 0, 0, 0, 0, 0, 0, 0, 0]);
  const crc = new Crc64();
  crc.update(bytes, viewOf(bytes), 0, bytes.length - 8);
  crc.write(viewOf(bytes), bytes.length - 8);
  return bytes;
}

/** The limits under which payloads are made and taken: small, so that a few elements make something big. */
export const LIMITS = {
  hashMaxListpackEntries: 6,
  zsetMaxListpackEntries: 6,
  setMaxIntsetEntries: 6,
  listMaxListpackSize: 5,
} as const;

export function smallServer(): Commander {
  const server = quietServer();
  Object.assign(server.engine.values.limits, LIMITS);
  return server;
}

const TEXTS = [
  'a',
  '7',
  'bc',
  '-3',
  '300',
  '',
  '70000',
  '-40000',
  '10000000',
  '12345678901',
  'x'.repeat(70),
  'y'.repeat(300),
];
const FEW = TEXTS.slice(0, 4);
const SCORES = ['1', '2', '2.5', '-inf', 'inf', '3e300', '0', '-7', '10000000', '17', '1.1', '9'];
const pairs = (names: readonly string[], values: readonly string[]) => names.flatMap((name, i) => [name, values[i]!]);
const scored = (names: readonly string[]) => names.flatMap((name, i) => [SCORES[i]!, name]);

/** Commands that make the key k, each in another form. */
const MADE_BY: readonly (readonly [name: string, ...command: string[]])[] = [
  ['string', 'SET', 'k', 'hello'],
  ['string, integer', 'SET', 'k', '12345'],
  ['string, packed', 'SET', 'k', 'abcab'.repeat(40)],
  ['quicklist-v2', 'RPUSH', 'k', ...TEXTS],
  ['quicklist-v2, long', 'RPUSH', 'k', 'z'.repeat(9000), 'a'],
  ['set-hashtable', 'SADD', 'k', ...TEXTS],
  ['set-intset', 'SADD', 'k', '1', '-5', '300'],
  ['set-intset, wide', 'SADD', 'k', '1', '-5', '300000', '10000000000'],
  ['hash-listpack', 'HSET', 'k', ...pairs(FEW, TEXTS)],
  ['hash-hashtable', 'HSET', 'k', ...pairs(TEXTS, FEW.concat(TEXTS))],
  ['zset-listpack', 'ZADD', 'k', ...scored(FEW)],
  ['zset-v2', 'ZADD', 'k', ...scored(TEXTS)],
];

export function payloads(): [name: string, body: Uint8Array][] {
  const server = smallServer();
  const made = MADE_BY.map(([name, ...command]): [string, Uint8Array] => {
    server.run('DEL', 'k');
    server.run(...command);
    const reply = server.runBytes(['DUMP', 'k']);
    return [name, reply.subarray(reply.indexOf('\n') + 1, -2 - FOOTER_BYTES)];
  });
  return [
    ...made,
    ...OTHERS.map(([type, ...value]): [string, Uint8Array] => [
      nameOf(type),
      Buffer.concat([Buffer.of(type), ...value]),
    ]),
  ];
}

const nameOf = (type: number): string => FORM_NAMES.get(type) ?? `type ${type}`;

function length(n: number): Buffer {
  return n < 64 ? Buffer.of(n) : Buffer.of(0x40 | (n >> 8), n & 255);
}

const string = (bytes: Uint8Array | string): Buffer =>
  Buffer.concat([length(bytes.length), Buffer.from(bytes as string)]);

/** A value in the form that Redis 2.2 to 6.2 gave it, or that 7.2 gives it. */
const OTHERS: readonly (readonly [type: number, ...value: Buffer[]])[] = [
  [TYPE.LIST, length(TEXTS.length), ...TEXTS.map(string)],
  [TYPE.ZSET, length(5), ...FEW.flatMap((text, i) => [string(text), string(`${i}.5`)]), string('n'), Buffer.of(255)],
  [TYPE.HASH_ZIPMAP, string(zipmap(pairs(FEW, TEXTS)))],
  [TYPE.LIST_ZIPLIST, string(ziplist(TEXTS))],
  [TYPE.ZSET_ZIPLIST, string(ziplist(pairs(['b', '7', 'c'], ['-1', '2.5', '300'])))],
  [TYPE.HASH_ZIPLIST, string(ziplist(pairs(FEW, TEXTS)))],
  [TYPE.LIST_QUICKLIST, length(2), string(ziplist(TEXTS)), string(ziplist(FEW))],
  [TYPE.SET_LISTPACK, string(listpack(FEW))],
];

/** Head, short texts with the size of each behind it, end. */
function listpack(texts: readonly string[]): Buffer {
  const entries = texts.map((text) =>
    Buffer.concat([Buffer.of(0x80 + text.length), Buffer.from(text), Buffer.of(text.length + 1)]),
  );
  const head = Buffer.alloc(6);
  head.writeUInt32LE(head.length + Buffer.concat(entries).length + 1, 0);
  head.writeUInt16LE(texts.length, 4);
  return Buffer.concat([head, ...entries, Buffer.of(255)]);
}

/** A ziplist in which texts that are integers are kept as integers, as Redis did. */
export function ziplist(texts: readonly string[]): Buffer {
  return ziplistOf(...texts.map((text) => (isInteger(text) ? BigInt(text) : text)));
}

function isInteger(text: string): boolean {
  const n = Number(text);
  return text !== '' && String(n) === text && Number.isInteger(n);
}

function zipmap(texts: readonly string[]): Buffer {
  const parts = texts.map((text, i) => {
    const bytes = Buffer.from(text);
    const head = Buffer.alloc(bytes.length < 254 ? 1 : 5);
    if (bytes.length < 254) head[0] = bytes.length;
    else {
      head[0] = 254;
      head.writeUInt32LE(bytes.length, 1);
    }
    return Buffer.concat([head, Buffer.alloc(i % 2), bytes]); // a value says how many bytes behind it are free: none
  });
  return Buffer.concat([Buffer.of(texts.length / 2), ...parts, Buffer.of(255)]);
}
