/**
 * When keys go into the file, and what is known of the last time: SAVE, BGSAVE, the `save` points, the end.
 *
 *   save 3600 1 ─┐
 *   BGSAVE ──────┼─▶ SnapshotFile ─▶ figures of INFO persistence ─▶ MISCONF while it fails
 *   SAVE, end ───┴─▶ at once
 *
 * One save runs at a time, and none beside a snapshot for replicas.
 */
import type { Reload, SavingDoor } from '../../commands/server/saving.js';
import type { Node } from '../node.js';
import { reloadNow } from './rdb-load.js';
import { auxOf, failed, moveIntoPlace, saveNow, tempName, writerFor } from './rdb-file.js';
import { type FileEnd, NOT_WANTED, SnapshotFile } from './snapshot-file.js';

/** After a save that failed, save points wait so many seconds. */
const RETRY_SECONDS = 5;

export class Saving implements SavingDoor {
  /** Wall seconds. */
  lastSaveAt: number;
  status: 'ok' | 'err' = 'ok';
  /** What the last snapshot in the background took, for the file or for replicas; -1 before the first. */
  lastSeconds = -1;
  /** Saves begun: INFO rdb_saves. */
  count = 0;
  /** Changes that some file has shown, of all there ever were; those behind them are `engine.dirty`. Files that are on
   *  their way together may come to their end in any order, and each counts what no other has counted. */
  private settled = 0;
  /** Of the last file loaded. */
  keysLoaded = 0;
  keysExpired = 0;
  /** What its maker held, as the file says; 0 where it does not. */
  makerBytes = 0;
  private job: SnapshotFile | null = null;
  private triedAt = 0;
  private startedAt = 0;
  private isScheduled = false;

  constructor(private readonly node: Node) {
    this.lastSaveAt = this.seconds;
  }

  private get seconds(): number {
    return Math.floor(this.node.host.wallMs() / 1000);
  }

  /** A snapshot is being taken, or its file is not complete: whatever for. */
  get isBusy(): boolean {
    return this.isSaving || this.node.server.aof.rewriting.isOn;
  }

  /** One for the file, or for replicas. */
  get isSaving(): boolean {
    return this.job !== null || this.node.replication.desk.isMaking;
  }

  /** INFO rdb_current_bgsave_time_sec; -1 while there is no save. */
  get currentSeconds(): number {
    return this.isSaving ? this.seconds - this.startedAt : -1;
  }

  /** A snapshot is begun, for the file or for replicas. */
  begun(): void {
    this.startedAt = this.seconds;
  }

  /** It goes into a file, be it for replicas: redis counts these alone. */
  fileBegun(): void {
    this.begun();
    this.count++;
    this.triedAt = this.startedAt;
  }

  /** Nothing more is written of it, whatever became of it. */
  over(): void {
    this.lastSeconds = this.seconds - this.startedAt;
  }

  /** stop-writes-on-bgsave-error: clients are told that what they write may never be saved. */
  get refusesWrites(): boolean {
    const { stopWritesOnBgsaveError, save } = this.node.config;
    return this.status === 'err' && stopWritesOnBgsaveError && save.length > 0;
  }

  save(): boolean {
    this.count++;
    return this.saveWhole();
  }

  private saveWhole(): boolean {
    const { node } = this;
    if (!saveNow(node)) return false;
    this.settle(this.changes);
    this.madeFile();
    return true;
  }

  /** All changes there ever were: who notes them at its moment can tell later what it shows. */
  get changes(): number {
    return this.settled + this.node.engine.dirty;
  }

  /** No file of the last save shows more than this one. */
  isLatest(changes: number): boolean {
    return changes >= this.settled;
  }

  /** A file, whichever, has so many. */
  settle(changes: number): void {
    const unknown = Math.max(0, changes - this.settled);
    this.settled += unknown;
    this.node.engine.dirty -= unknown;
  }

  schedule(): void {
    this.isScheduled = true;
  }

  saveInBackground(): void {
    this.fileBegun();
    this.isScheduled = false;
    const { node } = this;
    const syncsAlong = node.config.rdbSaveIncrementalFsync;
    const order = { writer: writerFor(node), aux: () => auxOf(node), nameOf: tempName, syncsAlong };
    this.job = new SnapshotFile(node, order, (end) => this.ended(end));
    node.log('notice', `Background saving started by pid ${this.job.pid}`);
  }

  private ended(end: FileEnd): void {
    const { node } = this;
    this.job = null;
    this.over();
    if (end.kind === 'written' && moveIntoPlace(node, end.path)) this.saved(end.changes);
    else this.notSaved(end);
    node.replication.desk.review(); // replicas may have waited for this one to end
  }

  private saved(changes: number): void {
    this.node.log('notice', 'Background saving terminated with success');
    this.settle(changes);
    this.madeFile();
  }

  private madeFile(): void {
    this.lastSaveAt = this.seconds;
    this.setStatus('ok');
  }

  /** A snapshot for replicas, complete and durable, that nobody reads any more: it is as good as any. */
  adopt(path: string, changes: number): void {
    const { node } = this;
    if (!moveIntoPlace(node, path)) return this.setStatus('err');
    this.settle(changes);
    this.madeFile();
  }

  notSaved(end: FileEnd): void {
    const { node } = this;
    if (end.kind === 'killed') {
      node.log('warning', `Background saving terminated by signal ${end.signal}`);
      if (end.signal === NOT_WANTED) return;
    } else {
      if (end.kind === 'failed') failed(node, end.path, end.step === 'write' ? 'rdbSaveRio' : end.step, end.reason);
      node.log('warning', 'Background saving error');
    }
    this.setStatus('err');
  }

  private setStatus(status: 'ok' | 'err'): void {
    this.status = status;
    this.node.replication.followConfig();
  }

  /** Breaks a save in the background off: what it writes is not wanted any more, and that is no failure. */
  abandon(): void {
    if (this.job === null) return;
    this.breakOff();
    this.node.log('warning', `Background saving terminated by signal ${NOT_WANTED}`);
    this.over();
  }

  private breakOff(): void {
    this.job?.abandon();
    this.job = null;
  }

  /** Keys of a primary are about to take the place of those that are being saved. */
  abandonForSync(): void {
    if (this.job === null) return;
    const what =
      'Replica is about to load the RDB file received from the master, but there is a pending RDB child running.';
    const then = `Killing process ${this.job.pid} and removing its temp file to avoid any race`;
    this.node.log('notice', `${what} ${then}`);
    this.abandon();
  }

  flushed(): void {
    this.abandon();
    if (this.node.config.save.length > 0) this.saveWhole();
  }

  /** At the end of the process: nobody waits to hear what became of it. */
  abandonFinally(): void {
    if (this.job === null) return;
    this.node.log('warning', 'There is a child saving an .rdb. Killing it!');
    this.breakOff();
    this.over();
  }

  /** False where it failed. */
  saveFinally(): boolean {
    this.node.log('notice', 'Saving the final RDB snapshot before exiting.');
    return this.saveWhole();
  }

  reload(how: Reload): string | null {
    if (how.save && !this.saveWhole()) return 'ERR';
    return reloadNow(this.node, how) ? null : 'ERR Error trying to load the RDB dump';
  }

  /** Ten times a second. */
  tick(): void {
    if (this.isBusy || this.node.engine.mustSweep || this.node.replication.loading !== null) return;
    if (this.isScheduled && this.mayTry) return this.saveInBackground();
    for (const { seconds, changes } of this.node.config.save) {
      if (this.node.engine.dirty < changes || this.seconds - this.lastSaveAt <= seconds || !this.mayTry) continue;
      this.node.log('notice', `${changes} changes in ${seconds} seconds. Saving...`);
      return this.saveInBackground();
    }
  }

  private get mayTry(): boolean {
    return this.status === 'ok' || this.seconds - this.triedAt > RETRY_SECONDS;
  }
}
