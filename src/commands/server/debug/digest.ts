/**
 * DEBUG DIGEST and DIGEST-VALUE: forty digits that are the same wherever the data are, whatever their encoding.
 *
 *   where the order matters     digest = SHA1(digest xor SHA1(bytes))       chain
 *   where it does not           digest = digest xor SHA1(bytes)             blend
 *
 *   data set = blend of all keys, each: chain(key), chain(type), then its value; and "!!expire!!" if it is mortal
 */
import { formatScore } from '../../../base/numbers.js';
import { sha1 } from '../../../base/sha1.js';
import { Slice } from '../../../base/slice.js';
import { NONE, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET } from '../../../keyspace/entry.js';
import type { Database } from '../../../keyspace/keyspace.js';
import { eachKey } from '../../../keyspace/scan.js';
import { RIGHT } from '../../../keyspace/types/door.js';
import { HashCursor } from '../../../keyspace/types/hash.js';
import { SetCursor } from '../../../keyspace/types/set.js';
import { ScoreCursor } from '../../../keyspace/types/sorted-set.js';
import { ListCursor } from '../../../keyspace/types/structures/quicklist.js';
import { amongDead } from './among-dead.js';

const MORTAL = Buffer.from('!!expire!!');

class Digest {
  readonly bytes = Buffer.alloc(20);

  blend(data: Uint8Array): void {
    const hash = sha1(data);
    for (let i = 0; i < 20; i++) this.bytes[i] ^= hash[i];
  }

  chain(data: Uint8Array): void {
    this.blend(data);
    this.bytes.set(sha1(this.bytes));
  }

  number(n: number): void {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(n);
    this.chain(word);
  }

  toString(): string {
    return this.bytes.toString('hex');
  }
}

function chained(...parts: readonly Uint8Array[]): Buffer {
  const digest = new Digest();
  for (const part of parts) digest.chain(part);
  return digest.bytes;
}

function addValue(digest: Digest, db: Database, e: number): void {
  const type = db.type(e);
  digest.number(type);
  if (type === TYPE_STRING) digest.chain(stringOf(db, e));
  else if (type === TYPE_LIST) addList(digest, db, e);
  else if (type === TYPE_SET) addSet(digest, db, e);
  else if (type === TYPE_ZSET) addSortedSet(digest, db, e);
  else if (type === TYPE_HASH) addHash(digest, db, e);
  if (db.expireAt(e) !== Number.POSITIVE_INFINITY) digest.blend(MORTAL);
}

function stringOf(db: Database, e: number): Uint8Array {
  const from = db.valueOffset(e);
  return db.bytes(e).subarray(from, from + db.valueLength(e));
}

function addList(digest: Digest, db: Database, e: number): void {
  const { lists } = db.engine.values;
  const cursor = new ListCursor();
  const element = new Slice();
  for (let more = lists.seek(e, 0, cursor); more; more = lists.step(cursor, RIGHT)) {
    lists.read(cursor, element);
    digest.chain(element.copy());
  }
}

function addSet(digest: Digest, db: Database, e: number): void {
  const { sets } = db.engine.values;
  const cursor = new SetCursor();
  sets.start(e, cursor);
  while (sets.next(cursor)) digest.blend(cursor.member.copy());
}

function addSortedSet(digest: Digest, db: Database, e: number): void {
  const { sortedSets } = db.engine.values;
  const cursor = new ScoreCursor();
  for (let more = sortedSets.seek(e, 0, cursor); more; more = sortedSets.step(cursor, RIGHT))
    digest.blend(chained(cursor.member.copy(), Buffer.from(formatScore(cursor.score))));
}

function addHash(digest: Digest, db: Database, e: number): void {
  const { hashes } = db.engine.values;
  const cursor = new HashCursor();
  hashes.start(e, cursor);
  while (hashes.next(cursor)) digest.blend(chained(cursor.field.copy(), cursor.value.copy()));
}

export const debugDigest = amongDead((_request, reply, db) => {
  const { engine } = db;
  const all = new Digest();
  for (let i = 0; i < engine.databaseCount; i++) {
    const each = engine.database(i);
    if (each.size === 0) continue;
    all.number(i);
    eachKey(each, (e) => {
      const one = new Digest();
      one.chain(each.keyBytes(e));
      addValue(one, each, e);
      all.blend(one.bytes);
    });
  }
  reply.simple(all.toString());
});

export const debugDigestValue = amongDead((request, reply, db) => {
  reply.arrayHeader(request.argc - 2);
  for (let i = 2; i < request.argc; i++) {
    const digest = new Digest();
    const e = db.peek(request, i);
    if (e !== NONE) addValue(digest, db, e);
    reply.simple(digest.toString());
  }
});
