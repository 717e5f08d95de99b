/**
 * All keys into a file without fork: a snapshot, written little by little while commands go on, by a process beside us
 * if there can be one. For BGSAVE and for the base of an append-only file: what becomes of the file is their business.
 *
 *   Snapshot ─ ½ ms at a time ─▶ KeyWriter ─▶ FileWriter ─▶ temp-<pid>.rdb, durable
 *                  ▲                             │
 *                  └──── waits while it holds more than a MiB
 *
 * If an aborted snapshot has left something to tidy up, that comes first, in slices as well: the moment of truth is
 * when that is done.
 */
import {
  FileError,
  type FileWriter,
  type Host,
  type Timer,
  type WriterEnd,
  type WriterOrder,
} from '../../base/host.js';
import { Snapshot } from '../../persistence/snapshot.js';
import type { KeyWriter } from '../../persistence/key-writer.js';
import type { Node } from '../node.js';
import { Pace } from './pace.js';
import { type Aux, discard, writeLibraries } from './rdb-file.js';

/** How much is made at a time, and how long one goes on without looking at anybody else. */
const STEP_BYTES = 32 * 1024;
const SLICE_MS = 0.5;
/** Behind a slice, while there are clients to serve: they get six sevenths of the time. With 2 ms fifty of them, busy
 *  on two cores, kept 0.6 of their commands a second; 0.7 and more are meant. Without it, a tenth got through. */
const BREATH_MS = 3;
/** What may wait for the disk. */
const QUEUE_BYTES = 1024 * 1024;
const RETRY_MS = 1;
/** What redis kills its child with when nobody wants the file any more: that is no error. */
export const NOT_WANTED = 10;

export interface FileOrder extends WriterOrder {
  readonly writer: KeyWriter;
  /** What the file opens with, as of the moment it shows. */
  aux(): Aux;
}

type FailedStep = 'open' | 'write' | 'fsync';

export type FileEnd =
  /** It is durable, and shows so many changes, of all there ever were. */
  | { readonly kind: 'written'; readonly path: string; readonly changes: number }
  | { readonly kind: 'failed'; readonly path: string; readonly step: FailedStep; readonly reason: string }
  | { readonly kind: 'killed'; readonly path: string; readonly signal: number };

export class SnapshotFile {
  private readonly out: FileWriter | null;
  private openError = '';
  private snapshot: Snapshot | null = null;
  private changes = 0;
  private timer: Timer | null = null;
  private isOver = false;
  /** Commands that had run when the last slice ended. */
  private processed: number;
  private readonly pace: Pace;

  constructor(
    private readonly node: Node,
    private readonly order: FileOrder,
    private readonly done: (end: FileEnd) => void,
  ) {
    this.processed = node.dispatcher.processed;
    this.pace = new Pace(node.host, () => node.config.rdbKeySaveDelay);
    this.out = this.open();
    if (!node.engine.mustSweep) this.begin();
    node.host.endOfTurn(this.run);
  }

  /** Of the process that writes it. */
  get pid(): number {
    return this.out?.pid ?? this.node.host.process.pid;
  }

  /** Null where no file can be made: that is told at the end of the turn, as if a child had found out. */
  private open(): FileWriter | null {
    const { host } = this.node;
    const { order } = this;
    const ended = (end: WriterEnd): void => this.writerEnded(end);
    try {
      const writer = host.startWriter?.(order, ended) ?? null;
      if (writer === null) return new OwnWriter(host, order.nameOf(host.process.pid), ended);
      this.node.server.oomScore.writerStarted(writer.pid);
      return writer;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.openError = error.message;
      return null;
    }
  }

  /** From here on: what is changed now is not in the file. */
  private begin(): Snapshot {
    const { node, order } = this;
    this.changes = node.server.saving.changes;
    this.snapshot = new Snapshot(node.engine, order.writer, order.aux());
    writeLibraries(node, order.writer);
    return this.snapshot;
  }

  /** Nobody wants the file any more; `done` is not called. */
  abandon(): void {
    if (this.isOver) return;
    this.out?.kill();
    this.leave();
    if (this.out !== null) discard(this.node, this.out.path);
  }

  private leave(): void {
    this.isOver = true;
    this.timer?.cancel();
    this.snapshot?.cancel();
  }

  private readonly run = (): void => {
    this.timer = null;
    const { out, order } = this;
    if (this.isOver) return;
    if (out === null)
      return this.end({ kind: 'failed', path: order.nameOf(this.pid), step: 'open', reason: this.openError });
    try {
      this.slice(out);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.end({ kind: 'failed', path: out.path, step: 'write', reason: error.message });
    }
  };

  private slice(out: FileWriter): void {
    const { host, engine, migration } = this.node;
    const until = host.monotonicMs() + SLICE_MS;
    do {
      if (this.snapshot === null && engine.mustSweep) {
        engine.sweepSome();
        continue;
      }
      if (this.snapshot === null && migration.isAmidExec) return this.later(RETRY_MS);
      const snapshot = this.snapshot ?? this.begin();
      if (out.queuedBytes() > QUEUE_BYTES) return this.later(RETRY_MS);
      const state = snapshot.step(this.pace.isSlow ? 1 : STEP_BYTES);
      if (this.order.writer.pendingBytes > 0) out.write(this.order.writer.take());
      if (state === 'done') return out.finish();
      const aheadMs = this.pace.aheadMs(snapshot.progress.keys);
      if (aheadMs > 0) return this.later(aheadMs);
    } while (host.monotonicMs() < until);
    const { processed } = this.node.dispatcher;
    const isServing = processed !== this.processed;
    this.processed = processed;
    if (isServing) this.later(BREATH_MS);
    else host.endOfTurn(this.run);
  }

  private later(ms: number): void {
    this.timer = this.node.host.after(ms, this.run);
  }

  // ── its end ───────────────────────────────────────────────────────────────

  private writerEnded(end: WriterEnd): void {
    const { out, changes } = this;
    if (this.isOver || out === null) return;
    const { path } = out;
    if (end.kind === 'done') this.end({ kind: 'written', path, changes });
    else if (end.kind === 'failed') this.end({ ...end, path });
    else this.end({ kind: 'killed', path, signal: end.signal });
  }

  private end(end: FileEnd): void {
    this.leave();
    if (end.kind !== 'written') discard(this.node, end.path);
    this.done(end);
  }
}

/** Where no process can be had: the file is written by ourselves. */
class OwnWriter implements FileWriter {
  readonly pid: number;

  constructor(
    private readonly host: Host,
    readonly path: string,
    private readonly ended: (end: WriterEnd) => void,
  ) {
    this.pid = host.process.pid;
    host.files.write(this.path, new Uint8Array(0));
  }

  write(bytes: Uint8Array): void {
    this.host.files.append(this.path, bytes);
  }

  queuedBytes(): number {
    return 0;
  }

  finish(): void {
    this.ended(this.synced());
  }

  private synced(): WriterEnd {
    try {
      this.host.files.sync(this.path);
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return { kind: 'failed', step: 'fsync', reason: error.message };
    }
  }

  kill(): void {}
}
