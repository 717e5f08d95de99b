/**
 * What a command did, in the words in which replicas (and the append-only file) are told of it.
 *
 *   say nothing                                   what changed the data is passed on as the client wrote it
 *   changes.instead(db, 3).word('SREM')…          these words go out and the command itself does not; may be repeated
 *   changes.silence()                             the command changed something that is nobody else's business
 *   changes.insist('all')                         it goes out although it changed nothing: FLUSHALL
 *
 * `Engine.changes` is null while nobody listens. The keyspace itself uses it for keys that go without a command.
 */
import type { Slice } from '../base/slice.js';
import type { Request } from '../resp/request.js';

/** The arguments of one command, in order; as many as were announced. */
export interface Words {
  /** ASCII. */
  word(text: string): Words;
  argument(request: Request, i: number): Words;
  /** A safe integer; a moment beyond 2^53 goes out as the next double. */
  integer(n: number): Words;
  bytes(bytes: Uint8Array, view: DataView, offset: number, length: number): Words;
  slice(slice: Slice): Words;
}

/** Replicas and the log, or replicas alone. */
export type ToWhom = 'all' | 'replicas';

export interface Changes {
  /** In place of the present command, and behind what was said before: a command of so many arguments. */
  instead(database: number, count: number): Words;
  /** The arguments from i on go out at once as a command of their own, in no database. */
  verbatim(request: Request, i: number): void;
  silence(): void;
  insist(whom: ToWhom): void;
  /** A key went because its time had come, or to make room: DEL or UNLINK. */
  removed(database: number, bytes: Uint8Array, view: DataView, offset: number, length: number, lazily: boolean): void;
  /** Keys went outside of any command, and for now these are all. Each is told by itself. */
  settle(): void;
}
