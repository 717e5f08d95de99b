/**
 * A key as the commands that make it: SET, or RPUSH, SADD, HMSET or ZADD for 64 elements each, then PEXPIREAT.
 *
 *   EntryCommands     walks over a value, at once or in pieces
 *        └─▶ MemberCommands     is given its elements, opens a command for each 64, and ends with the time of death
 *
 * HOT. A value that is written in pieces must not change meanwhile; its key is copied.
 */
import { viewOf } from '../../base/bytes.js';
import { Slice } from '../../base/slice.js';
import {
  IMMORTAL,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_OF_KIND,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import { RIGHT } from '../../keyspace/types/door.js';
import { HashCursor } from '../../keyspace/types/hash.js';
import { ListCursor } from '../../keyspace/types/list.js';
import { SetCursor } from '../../keyspace/types/set.js';
import { ScoreCursor } from '../../keyspace/types/sorted-set.js';
import type { TypeValues } from '../../keyspace/types/values.js';
import type { ReplyWriter } from '../../resp/writer.js';

/** AOF_REWRITE_ITEMS_PER_CMD: a pair counts as one. */
const ELEMENTS_PER_COMMAND = 64;
/** From here on a string goes out in pieces, of so many bytes each. */
const PIECE = 1 << 18;

/** What makes a collection of each type: the command, and how many arguments an element takes. */
const MAKERS: readonly (readonly [name: string, width: number])[] = makers();

function makers(): (readonly [string, number])[] {
  const all: (readonly [string, number])[] = [];
  all[TYPE_LIST] = ['RPUSH', 1];
  all[TYPE_SET] = ['SADD', 1];
  all[TYPE_HASH] = ['HMSET', 2];
  all[TYPE_ZSET] = ['ZADD', 2];
  return all;
}

const SET = '*3\r\n$3\r\nSET\r\n';
const PEXPIREAT = '*3\r\n$9\r\nPEXPIREAT\r\n';

function bulk(out: ReplyWriter, slice: Slice): void {
  out.bulk(slice.u8, slice.view, slice.off, slice.len);
}

function writeDeath(out: ReplyWriter, key: Slice, expireAt: number): void {
  if (expireAt === IMMORTAL) return;
  out.raw(PEXPIREAT);
  bulk(out, key);
  out.bulkInteger(expireAt);
}

/** The elements of a collection, one after the other, in as many commands as it takes. */
export class MemberCommands {
  private key = new Slice();
  private name = '';
  private width = 0;
  private left = 0;
  private inCommand = 0;
  private expireAt = IMMORTAL;

  constructor(private readonly out: ReplyWriter) {}

  /** The key must stay where it is until all of its `count` elements are written. */
  start(type: number, key: Slice, count: number, expireAt: number): void {
    [this.name, this.width] = MAKERS[type];
    this.key = key;
    this.left = count;
    this.inCommand = 0;
    this.expireAt = expireAt;
  }

  element(element: Slice): void {
    this.open();
    bulk(this.out, element);
    this.close();
  }

  field(field: Slice, value: Slice): void {
    this.open();
    bulk(this.out, field);
    bulk(this.out, value);
    this.close();
  }

  scored(member: Slice, score: number): void {
    this.open();
    this.out.double(score);
    bulk(this.out, member);
    this.close();
  }

  private open(): void {
    const { out, inCommand } = this;
    if (inCommand > 0) return;
    out.arrayHeader(2 + this.width * Math.min(this.left, ELEMENTS_PER_COMMAND));
    out.bulkText(this.name);
    bulk(out, this.key);
  }

  private close(): void {
    if (++this.inCommand === ELEMENTS_PER_COMMAND) this.inCommand = 0;
    if (--this.left === 0) writeDeath(this.out, this.key, this.expireAt);
  }
}

/** A whole key, at once or in pieces. */
export class EntryCommands {
  private readonly members: MemberCommands;
  private readonly key = new Slice();
  private readonly text = new Slice();
  private readonly list = new ListCursor();
  private readonly set = new SetCursor();
  private readonly hash = new HashCursor();
  private readonly scores = new ScoreCursor();
  private values: TypeValues | null = null;
  private type = 0;
  private expireAt = IMMORTAL;
  /** Bytes of a string that are written. */
  private written = 0;

  constructor(private readonly out: ReplyWriter) {
    this.members = new MemberCommands(out);
  }

  start(db: Database, e: number): void {
    const { key, members } = this;
    const { values } = db.engine;
    const kind = db.kind(e);
    this.type = TYPE_OF_KIND[kind];
    this.expireAt = db.expireAt(e);
    key.set(db.bytes(e), db.view(e), db.keyOffset(e), db.keyLength(e));
    if (this.type === TYPE_STRING) return this.startString(db, e);
    this.values = values;
    members.start(this.type, key, values.count(kind, db.record(e)), this.expireAt);
    if (this.type === TYPE_LIST) values.lists.seek(e, 0, this.list);
    else if (this.type === TYPE_ZSET) values.sortedSets.seek(e, 0, this.scores);
    else if (this.type === TYPE_HASH) values.hashes.start(e, this.hash);
    else values.sets.start(e, this.set);
  }

  private startString(db: Database, e: number): void {
    const { out, text } = this;
    out.raw(SET);
    bulk(out, this.key);
    text.set(db.bytes(e), db.view(e), db.valueOffset(e), db.valueLength(e));
    this.written = 0;
  }

  /** Copies the key: the value is going to be written in pieces. */
  keepKey(): void {
    const copy = this.key.copy();
    this.key.set(copy, viewOf(copy), 0, copy.length);
  }

  /** Writes about so many bytes more; true once the key is complete. */
  step(bytes: number): boolean {
    const { out } = this;
    const enough = out.mark() + bytes;
    while (out.mark() < enough) if (!this.next()) return true;
    return false;
  }

  /** Writes an element or a piece; false if it was the last one. */
  private next(): boolean {
    const { type, values, members } = this;
    if (type === TYPE_STRING || values === null) return this.nextPiece();
    if (type === TYPE_LIST) {
      values.lists.read(this.list, this.text);
      members.element(this.text);
      return values.lists.step(this.list, RIGHT);
    }
    if (type === TYPE_ZSET) {
      members.scored(this.scores.member, this.scores.score);
      return values.sortedSets.step(this.scores, RIGHT);
    }
    if (type === TYPE_HASH) {
      if (!values.hashes.next(this.hash)) return false;
      members.field(this.hash.field, this.hash.value);
    } else {
      if (!values.sets.next(this.set)) return false;
      members.element(this.set.member);
    }
    return true;
  }

  /** A string as a whole, or a piece of a long one. */
  private nextPiece(): boolean {
    const { out, text, written } = this;
    if (text.len <= PIECE) bulk(out, text);
    else {
      if (written === 0) out.raw(`$${text.len}\r\n`);
      const n = Math.min(PIECE, text.len - written);
      out.rawBytes(text.u8.subarray(text.off + written, text.off + written + n));
      this.written += n;
      if (this.written < text.len) return true;
      out.raw('\r\n');
    }
    writeDeath(out, this.key, this.expireAt);
    return false;
  }
}
