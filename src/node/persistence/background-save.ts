/**
 * BGSAVE without fork: a snapshot, written little by little while commands go on, by a process beside us if there can
 * be one.
 *
 *   Snapshot ─ ½ ms at a time ─▶ RdbWriter ─▶ FileWriter ─▶ temp-<pid>.rdb ─▶ its place
 *                  ▲                             │
 *                  └──── waits while it holds more than a MiB
 *
 * If an aborted snapshot has left something to tidy up, that comes first, in slices as well: the moment of truth is
 * when that is done.
 */
import { FileError, type FileWriter, type Host, type Timer, type WriterEnd } from '../../base/host.js';
import { Snapshot } from '../../persistence/snapshot.js';
import type { RdbWriter } from '../../persistence/rdb-writer.js';
import type { Node } from '../node.js';
import { auxOf, discard, failed, moveIntoPlace, tempName, writerFor } from './rdb-file.js';
import { Pace } from './pace.js';

/** How much is made at a time, and how long one goes on without looking at anybody else. */
const STEP_BYTES = 32 * 1024;
const SLICE_MS = 0.5;
/** Behind a slice, while there are clients to serve: they get four fifths of the time. Measured with a million keys,
 *  two cores and one client that writes: without it, a tenth of its commands got through. */
const BREATH_MS = 2;
/** What may wait for the disk. */
const QUEUE_BYTES = 1024 * 1024;
const RETRY_MS = 1;
/** What redis kills its child with when nobody wants the file any more: that is no error. */
const NOT_WANTED = 10;

export interface SaveEnd {
  readonly ok: boolean;
  /** Of the changes that the server counted, those that are in the file. */
  readonly savedChanges: number;
}

export class BackgroundSave {
  private readonly rdb: RdbWriter;
  private readonly out: FileWriter | null;
  private snapshot: Snapshot | null = null;
  private savedChanges = 0;
  private timer: Timer | null = null;
  private isOver = false;
  /** Commands that had run when the last slice ended. */
  private processed: number;
  private readonly pace: Pace;

  constructor(
    private readonly node: Node,
    private readonly done: (end: SaveEnd) => void,
  ) {
    this.rdb = writerFor(node);
    this.processed = node.dispatcher.processed;
    this.pace = new Pace(node.host, () => node.config.rdbKeySaveDelay);
    this.out = this.open();
    node.log('notice', `Background saving started by pid ${this.out?.pid ?? node.host.process.pid}`);
    if (!node.engine.mustSweep) this.begin();
    node.host.endOfTurn(this.run);
  }

  /** Null where no file can be made: that is told at the end of the turn, as if a child had found out. */
  private open(): FileWriter | null {
    const { host } = this.node;
    const ended = (end: WriterEnd): void => this.writerEnded(end);
    try {
      return host.startWriter?.(tempName, ended) ?? new OwnWriter(host, ended);
    } catch (error) {
      failed(this.node, tempName(host.process.pid), 'open', error);
      return null;
    }
  }

  private begin(): Snapshot {
    const { node } = this;
    this.savedChanges = node.engine.dirty;
    this.snapshot = new Snapshot(node.engine, this.rdb, auxOf(node));
    return this.snapshot;
  }

  /** Nobody wants the file any more. */
  abandon(): void {
    if (this.isOver) return;
    this.out?.kill();
    this.node.log('warning', `Background saving terminated by signal ${NOT_WANTED}`);
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
    const { out, node } = this;
    if (this.isOver) return;
    if (out === null) return this.end(false);
    try {
      this.slice(out);
    } catch (error) {
      failed(node, out.path, 'rdbSaveRio', error);
      this.end(false);
    }
  };

  private slice(out: FileWriter): void {
    const { host, engine } = this.node;
    const until = host.monotonicMs() + SLICE_MS;
    do {
      if (this.snapshot === null && engine.mustSweep) {
        engine.sweepSome();
        continue;
      }
      const snapshot = this.snapshot ?? this.begin();
      if (out.queuedBytes() > QUEUE_BYTES) return this.later(RETRY_MS);
      const state = snapshot.step(this.pace.isSlow ? 1 : STEP_BYTES);
      if (this.rdb.pendingBytes > 0) out.write(this.rdb.take());
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
    const { node, out } = this;
    if (this.isOver || out === null) return;
    if (end.kind === 'done') return this.end(moveIntoPlace(node, out.path));
    if (end.kind === 'failed') {
      failed(node, out.path, 'rdbSaveRio', new FileError('', end.reason));
      return this.end(false);
    }
    node.log('warning', `Background saving terminated by signal ${end.signal}`);
    this.leave();
    discard(node, out.path);
    this.done({ ok: false, savedChanges: 0 });
  }

  private end(ok: boolean): void {
    this.leave();
    if (ok) this.node.log('notice', 'Background saving terminated with success');
    else this.node.log('warning', 'Background saving error');
    this.done({ ok, savedChanges: this.savedChanges });
  }

  /** INFO: keys of the snapshot, and how many are written. */
  get isOn(): boolean {
    return !this.isOver;
  }
}

/** Where no process can be had: the file is written by ourselves. */
class OwnWriter implements FileWriter {
  readonly pid: number;
  readonly path: string;

  constructor(
    private readonly host: Host,
    private readonly ended: (end: WriterEnd) => void,
  ) {
    this.pid = host.process.pid;
    this.path = tempName(this.pid);
    host.files.write(this.path, new Uint8Array(0));
  }

  write(bytes: Uint8Array): void {
    this.host.files.append(this.path, bytes);
  }

  queuedBytes(): number {
    return 0;
  }

  finish(): void {
    this.host.files.sync(this.path);
    this.ended({ kind: 'done' });
  }

  kill(): void {}
}
