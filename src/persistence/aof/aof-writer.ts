/**
 * Writes the base of an append-only file as commands (aof-use-rdb-preamble no): each key as redis' rewrite writes it.
 *
 *   #TS:1700000000 ▸ FUNCTION LOAD code ▸ … ▸ SELECT 0 ▸ SET k v ▸ RPUSH l … 64 elements ▸ RPUSH l … the rest ▸
 *   PEXPIREAT l 1700000010000 ▸ …
 *
 * The same bytes as redis' where a type has an order; members of big sets, hashes and sorted sets come in ours. A
 * SELECT stands wherever the database changes, since a snapshot takes keys in any order.
 *
 * HOT. `e` is the entry of a key, `m` a member.
 */
import { Slice } from '../../base/slice.js';
import { HASH_TABLE, TYPE_OF_KIND, ZSET_TREE } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { TypeValues } from '../../keyspace/types/values.js';
import { ReplyWriter } from '../../resp/writer.js';
import { type EntryPieces, type KeyWriter, OPEN_ABOVE } from '../key-writer.js';
import { isHuge } from '../rdb-values.js';
import { EntryCommands, MemberCommands } from './entry-commands.js';

/** The line that says when the commands behind it were written. */
export function timestampAnnotation(seconds: number): string {
  return `#TS:${seconds}\r\n`;
}

export class AofWriter implements KeyWriter {
  readonly openAbove: number = OPEN_ABOVE;
  private readonly out = new ReplyWriter();
  private readonly commands = new EntryCommands(this.out);
  private readonly one = new Slice();
  private readonly two = new Slice();
  /** The collection whose members come one by one. */
  private members: MemberCommands | null = null;

  /** `seconds`: the wall clock, if the file is to carry timestamps (aof-timestamp-enabled). */
  constructor(private readonly seconds: number | null) {}

  get pendingBytes(): number {
    return this.out.mark();
  }

  take(): Uint8Array {
    const { out } = this;
    if (out.spilledBytes > 0) return Buffer.concat(out.takeSpilled());
    const taken = Buffer.from(out.buf.subarray(0, out.pos));
    out.pos = 0;
    return taken;
  }

  beside(): KeyWriter {
    return new AofWriter(null);
  }

  /** Commands have no room for facts of the server. */
  begin(): void {
    if (this.seconds !== null) this.out.raw(timestampAnnotation(this.seconds));
  }

  library(code: Uint8Array): void {
    const { out } = this;
    out.arrayHeader(3);
    out.bulkText('FUNCTION');
    out.bulkText('LOAD');
    out.bulkBytes(code);
  }

  selectDatabase(index: number): void {
    const { out } = this;
    out.arrayHeader(2);
    out.bulkText('SELECT');
    out.bulkInteger(index);
  }

  entry(db: Database, e: number): void {
    const { commands } = this;
    commands.start(db, e);
    while (!commands.step(Number.POSITIVE_INFINITY));
  }

  /** Nothing here takes longer than it must. */
  hastily(write: () => void): void {
    write();
  }

  isHuge(db: Database, e: number): boolean {
    return isHuge(db, e);
  }

  startEntry(db: Database, e: number): EntryPieces {
    const commands = new EntryCommands(this.out);
    commands.start(db, e);
    commands.keepKey();
    return { piece: (bytes) => commands.step(bytes) };
  }

  startMembers(db: Database, e: number): void {
    const kind = db.kind(e);
    const key = Slice.of(Buffer.from(db.keyBytes(e)));
    this.members = new MemberCommands(this.out);
    this.members.start(TYPE_OF_KIND[kind], key, db.engine.values.members.count(db.record(e)), db.expireAt(e));
  }

  member(values: TypeValues, kind: number, m: number): void {
    const { members, one, two } = this;
    if (members === null) throw new Error('no collection was begun');
    values.members.key(m, one);
    if (kind === HASH_TABLE) {
      values.members.value(m, two);
      members.field(one, two);
    } else if (kind === ZSET_TREE) members.scored(one, values.tree.score(m));
    else members.element(one);
  }

  append(bytes: Uint8Array): void {
    this.out.rawBytes(bytes);
  }

  /** A file of commands ends where it ends. */
  end(): void {}
}
