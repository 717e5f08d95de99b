/**
 * The file that is being written: what was done in a turn of the event loop goes into it by one write, ahead of the
 * replies of that turn (`Outbox.before`).
 *
 *   append ─▶ buffer ─▶ one write ─▶ always     synced before anybody is answered; who cannot, ends the process
 *               ▲          │         everysec   synced once a second by a thread
 *               │          │         no         synced when the system likes
 *               └──────────┴ short: the file is cut back, the bytes stay here, writes are refused (MISCONF)
 *
 * With everysec a write waits while a sync runs, since the system would make it wait as well; but for no longer than
 * two seconds.
 *
 * HOT. `append` is called for each command that changed something. bench: SET with appendonly
 */
import { FileError, type LogFile } from '../../../base/host.js';
import { timestampAnnotation } from '../../../persistence/aof/aof-writer.js';
import type { Node } from '../../node.js';

/** Room at first, and what is kept of a buffer that had to grow. */
const BUFFER_BYTES = 64 * 1024;
const KEPT_BYTES = 1024 * 1024;
/** A short command is copied without a view of it. */
const COPIED_BY_HAND = 128;
const POSTPONED_SECONDS = 2;
/** A disk that stays full is not told of at each try. */
const SECONDS_BETWEEN_ERRORS = 30;
/** No file is as short: whatever it has is to be synced. */
const NOTHING_SYNCED = -1;
const NO_SPACE = 'No space left on device';
const SLOW =
  'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to ' +
  'complete, this may slow down Redis.';

export class AppendLog {
  /** Bytes of the file, and of all files together: aof_current_size. */
  fileBytes = 0;
  totalBytes = 0;
  /** INFO aof_delayed_fsync. */
  delayedSyncs = 0;
  /** DEBUG AOF-FLUSH-SLEEP: the process stands still for so long before each write. */
  sleepMicros = 0;
  /** Why the last write, or the last sync, failed. */
  private writeTrouble: string | null = null;
  private syncTrouble: string | null = null;
  private file: LogFile | null = null;
  private buf = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private held = 0;
  private syncedBytes = 0;
  private isSyncing = false;
  private isArmed = false;
  /** Whole seconds of the clock that never goes back: with the wall's, an hour back is an hour without a sync. */
  private syncedAt = 0;
  private postponedAt = 0;
  private complainedAt = Number.NEGATIVE_INFINITY;
  private annotatedAt = 0;

  constructor(
    private readonly node: Node,
    private readonly isSaving: () => boolean,
  ) {}

  // ── its file ──────────────────────────────────────────────────────────────

  get isOpen(): boolean {
    return this.file !== null;
  }

  /** From now on this file, of so many bytes, is written; the one before is synced and closed by a thread. */
  open(file: LogFile, bytes: number): void {
    if (this.file !== null) {
      this.file.retire();
      this.syncedAt = this.seconds;
    }
    this.file = file;
    this.fileBytes = this.syncedBytes = bytes;
  }

  /** All is written and synced, as far as that can be done; then nothing more is. */
  close(): void {
    if (this.file === null) return;
    this.flushNow();
    this.syncNow();
    this.file.close();
    this.file = null;
    this.held = this.fileBytes = this.syncedBytes = 0;
    this.postponedAt = 0;
  }

  /** What was appended is in nobody's interest any more. */
  drop(): void {
    this.file?.close();
    this.file = null;
    this.held = 0;
  }

  /** Bytes that wait to be written, and the memory that is kept for them. */
  get waitingBytes(): number {
    return this.held;
  }
  get capacity(): number {
    return this.file === null ? 0 : this.buf.length;
  }

  get syncsBeside(): number {
    return this.isSyncing ? 1 : 0;
  }

  // ── trouble ───────────────────────────────────────────────────────────────

  /** Null, or why nothing must be changed now. */
  get trouble(): string | null {
    return this.writeTrouble ?? this.syncTrouble;
  }

  /** Something was done that the file does not have, and the disk does not take. */
  get isStuck(): boolean {
    return this.writeTrouble !== null && this.held > 0;
  }

  /** The log is begun anew: what was wrong before counts no more. */
  forgive(): void {
    const { node } = this;
    this.syncedAt = this.seconds;
    if (this.syncTrouble !== null) node.log('warning', 'AOF reopen, just ignore the AOF fsync error in bio job');
    if (this.writeTrouble !== null) node.log('warning', 'AOF reopen, just ignore the last error.');
    this.writeTrouble = this.syncTrouble = null;
    node.replication.followConfig();
  }

  private setWriteTrouble(trouble: string | null): void {
    this.writeTrouble = trouble;
    this.node.replication.followConfig();
  }

  // ── appending ─────────────────────────────────────────────────────────────

  append(bytes: Uint8Array, from: number, to: number): void {
    if (this.node.config.aofTimestampEnabled) this.annotate();
    this.add(bytes, from, to);
    const { outbox, host } = this.node;
    outbox.before = this.flushInTurn;
    if (this.isArmed) return;
    this.isArmed = true;
    host.endOfTurn(this.endOfTurn); // there may be no reply at all
  }

  private add(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.held + length > this.buf.length) this.grow(this.held + length);
    const { buf } = this;
    if (length > COPIED_BY_HAND) buf.set(bytes.subarray(from, to), this.held);
    else for (let d = this.held, s = from; s < to; ) buf[d++] = bytes[s++] as number; // no view is made
    this.held += length;
  }

  private grow(need: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.held);
    this.buf = grown;
  }

  /** `#TS:` in front of the first command of a second. */
  private annotate(): void {
    const seconds = Math.floor(this.node.engine.now / 1000);
    if (seconds <= this.annotatedAt) return;
    this.annotatedAt = seconds;
    const note = Buffer.from(timestampAnnotation(seconds));
    this.add(note, 0, note.length);
  }

  private readonly endOfTurn = (): void => {
    this.isArmed = false;
    this.node.outbox.prepare();
  };

  private readonly flushInTurn = (): void => this.flush();

  // ── writing ───────────────────────────────────────────────────────────────

  private get seconds(): number {
    return Math.floor(this.node.host.monotonicMs() / 1000);
  }

  /** Writes what waits, unless a sync is under way; and syncs what is due. */
  flush(): void {
    if (this.file === null) return;
    if (this.held === 0) this.syncRest(this.file);
    else if (!this.mustWait()) this.write(this.file);
  }

  /** Writes what waits, whatever else is going on. */
  flushNow(): void {
    if (this.file === null) return;
    if (this.held === 0) this.syncRest(this.file);
    else this.write(this.file);
  }

  /** Ten times a second: what was put off, and a sync that nobody's writes bring about. A disk that was full is asked
   *  again once a second. */
  tick(tenths: number): void {
    if (this.writeTrouble === null || tenths % 10 === 0) this.flush();
  }

  private mustWait(): boolean {
    if (this.node.config.appendfsync !== 'everysec' || !this.isSyncing) return false;
    const now = this.seconds;
    if (this.postponedAt === 0) this.postponedAt = now;
    if (now - this.postponedAt < POSTPONED_SECONDS) return true;
    this.delayedSyncs++;
    this.node.log('notice', SLOW);
    return false;
  }

  private write(file: LogFile): void {
    const { node, held } = this;
    if (this.sleepMicros > 0) node.server.machine.block(this.sleepMicros / 1000);
    const since = node.host.monotonicMs();
    let written = 0;
    let error = '';
    try {
      written = file.append(this.buf.subarray(0, held));
    } catch (thrown) {
      if (!(thrown instanceof FileError)) throw thrown;
      error = thrown.message;
    }
    this.noteWrite(node.host.monotonicMs() - since);
    this.postponedAt = 0;
    if (written < held) return this.failed(file, written, error);
    if (this.writeTrouble !== null) {
      node.log('warning', 'AOF write error looks solved, Redis can write again.');
      this.setWriteTrouble(null);
    }
    this.took(held);
    this.syncIfDue(file);
  }

  /** So many bytes are in the file. */
  private took(count: number): void {
    this.fileBytes += count;
    this.totalBytes += count;
    this.held -= count;
    if (this.held > 0) this.buf.copy(this.buf, 0, count, count + this.held);
    else if (this.buf.length > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  private failed(file: LogFile, written: number, error: string): void {
    const { node } = this;
    const now = this.seconds;
    const speaks = now - this.complainedAt > SECONDS_BETWEEN_ERRORS;
    if (speaks) this.complainedAt = now;
    const say = (text: string): void => {
      if (speaks) node.log('warning', text);
    };
    let kept = 0;
    if (written === 0) say(`Error writing to the AOF file: ${error}`);
    else {
      say(`Short write while writing to the AOF file: (nwritten=${written}, expected=${this.held})`);
      kept = this.cutBack(file, say) ? 0 : written;
    }
    if (node.config.appendfsync === 'always') {
      node.log('warning', "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...");
      return node.server.machine.exit(1);
    }
    this.setWriteTrouble(written === 0 ? error : NO_SPACE);
    if (kept > 0) this.took(kept);
  }

  private cutBack(file: LogFile, say: (text: string) => void): boolean {
    try {
      file.truncate(this.fileBytes);
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const risk = 'Redis may refuse to load the AOF the next time it starts.';
      say(`Could not remove short write from the append-only file.  ${risk}  ftruncate: ${error.message}`);
      return false;
    }
  }

  private noteWrite(ms: number): void {
    const { events } = this.node.diagnosis;
    if (!events.isOn) return;
    const how = this.isSyncing ? 'pending-fsync' : this.isSaving() ? 'active-child' : 'alone';
    events.note(`aof-write-${how}`, ms);
    events.note('aof-write', ms);
  }

  // ── syncing ───────────────────────────────────────────────────────────────

  /** Nothing waits to be written: what was written may have to be synced. */
  private syncRest(file: LogFile): void {
    const isUnderWay = this.isSyncing && this.node.config.appendfsync === 'everysec';
    if (this.syncedBytes !== this.fileBytes && !isUnderWay) this.syncIfDue(file);
  }

  private syncIfDue(file: LogFile): void {
    const { appendfsync, noAppendfsyncOnRewrite } = this.node.config;
    if (noAppendfsyncOnRewrite && this.isSaving()) return;
    if (appendfsync === 'always') this.syncBeforeReplies(file);
    else if (appendfsync === 'everysec' && this.seconds > this.syncedAt) this.syncBeside(file);
  }

  private syncBeforeReplies(file: LogFile): void {
    const { node } = this;
    const since = node.host.monotonicMs();
    try {
      file.sync();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const what = "Can't persist AOF for fsync error when the AOF fsync policy is 'always'";
      node.log('warning', `${what}: ${error.message}. Exiting...`);
      return node.server.machine.exit(1);
    }
    node.diagnosis.events.note('aof-fsync-always', node.host.monotonicMs() - since);
    this.synced();
    if (this.syncTrouble !== null) this.syncEnded(null);
  }

  private synced(): void {
    this.syncedBytes = this.fileBytes;
    this.syncedAt = this.seconds;
  }

  private syncBeside(file: LogFile): void {
    if (this.isSyncing) {
      this.syncedAt = this.seconds; // the next one has to wait for its second as well
      return;
    }
    this.isSyncing = true;
    this.synced();
    file.syncBeside((error) => {
      this.isSyncing = false;
      this.syncEnded(error);
      if (this.postponedAt !== 0) this.flush();
    });
  }

  /** After an error it is tried again, once a second: writes are refused, so no other one would bring a sync about. */
  private syncEnded(error: FileError | null): void {
    const { node } = this;
    const was = this.syncTrouble;
    this.syncTrouble = error === null ? null : error.message;
    if (error !== null) this.syncedBytes = NOTHING_SYNCED;
    if (error !== null && was === null) node.log('warning', `Fail to fsync the AOF file: ${error.message}`);
    if (was !== this.syncTrouble) node.replication.followConfig();
  }

  /** At an end, or where the file is left: false where it failed, and the log says why. */
  syncNow(): boolean {
    const { file, node } = this;
    if (file === null) return true;
    try {
      file.sync();
      this.synced();
      return true;
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      node.log('warning', `Fail to fsync the AOF file: ${error.message}`);
      return false;
    }
  }
}
