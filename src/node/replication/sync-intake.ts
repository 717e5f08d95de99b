/**
 * A snapshot that our primary sends, from the first line to the last key.
 *
 *   repl-diskless-load     while it comes                                     when it is complete
 *   disabled               into a file; the old keys are served               the old keys go, the file is loaded
 *   on-empty-db            straight into the databases, if they are empty     –
 *   swapdb                 into spare databases                               they take the place of the old ones
 *
 * Everything is done in slices: a chunk that has come, or a part of the file. Loading ends the old history: replicas of
 * our own are sent away, they have to begin anew as we do.
 */
import { type FileError, messageOf } from '../../base/host.js';
import type { ResyncOffer } from '../../gossip/failover/rescue.js';
import { type Content, contentOf } from '../../persistence/rdb-peek.js';
import { BulkReader } from '../../replication/bulk-reader.js';
import type { Node } from '../node.js';
import { KeyLoad } from '../persistence/key-load.js';
import { LOAD_SLICE_MS } from '../persistence/load.js';
import { Pace } from '../persistence/pace.js';
import { discard } from '../persistence/rdb-file.js';
import { keepsFiles, Spool } from './spool.js';
import type { Valve } from './valve.js';

/**
 * What is read of the file at a time. A file of one part is loaded at once whatever the clock says: for a few keys
 * nobody is told LOADING, as with Redis.
 */
const PART_BYTES = 32 * 1024;
/** The same while there is a speed limit: a key or two. */
const SLOW_BYTES = 64;

type Mode = 'disk' | 'direct' | 'spare';

export type SyncOutcome = { ok: true; database: number; wantsAck: boolean } | { ok: false; isRefused: boolean };

/** How far loading is: INFO persistence. */
export interface Loading {
  /** Wall seconds. */
  readonly startedAt: number;
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** The old keys are served meanwhile. */
  readonly isAsync: boolean;
}

export class SyncIntake {
  /** Bytes of the snapshot so far, and of the whole; -1 where that is not known. */
  readBytes = 0;
  /** As INFO tells it: -1 before the first word of the primary, 0 where it does not say. */
  totalBytes = -1;
  private endsWithMark = false;
  lastIoAt: number;
  private mode: Mode = 'disk';
  private keys: KeyLoad | null = null;
  private spool: Spool | null = null;
  private loadedBytes = 0;
  private startedAt = 0;
  private isAsync = false;
  private isOver = false;
  private loaderIsDone = false;
  private isComplete = false;
  private waiting: Buffer[] = [];
  private pace: Pace;
  private readonly reader: BulkReader;

  constructor(
    private readonly node: Node,
    private readonly valve: Valve,
    private readonly from: { readonly id: string | null; readonly offset: number },
    private readonly done: (outcome: SyncOutcome) => void,
  ) {
    this.lastIoAt = node.host.monotonicMs();
    this.pace = this.freshPace();
    this.reader = new BulkReader({
      onHeader: (size) => this.begin(size),
      onBody: (bytes) => this.take(bytes),
      onEnd: () => this.complete(),
      onRefused: (line) => this.refused(line),
    });
  }

  /** How many of these bytes are the snapshot's. */
  feed(bytes: Buffer): number {
    this.lastIoAt = this.node.host.monotonicMs();
    return this.reader.feed(bytes);
  }

  get loading(): Loading | null {
    if (this.keys === null || this.isOver) return null;
    const { startedAt, totalBytes, loadedBytes, isAsync } = this;
    return { startedAt, totalBytes: Math.max(totalBytes, loadedBytes), loadedBytes, isAsync };
  }

  /** The link is gone, or nobody wants this any more. */
  abandon(): void {
    if (this.isOver) return;
    if (this.keys !== null) {
      const where = `Internal error in RDB reading offset ${this.loadedBytes}, function at sync-intake`;
      this.note('warning', `${where} -> Unexpected EOF reading RDB file`);
      this.undo();
    }
    this.leave();
  }

  private begin(size: number | null): void {
    this.endsWithMark = size === null;
    this.totalBytes = size ?? 0;
    this.mode = this.chooseMode();
    const to = this.mode === 'disk' ? 'to disk' : 'to parser';
    const what = size === null ? 'streamed RDB from master with EOF' : `${size} bytes from master`;
    this.note('notice', `MASTER <-> REPLICA sync: receiving ${what} ${to}`);
    if (this.mode === 'disk') this.openSpool();
    else this.startLoading();
  }

  private freshPace(): Pace {
    return new Pace(this.node.host, () => this.node.config.keyLoadDelay);
  }

  private openSpool(): void {
    try {
      this.spool = new Spool(this.node.host);
    } catch (error) {
      this.fail(`Opening the temp file needed for MASTER <-> REPLICA synchronization: ${messageOf(error)}`);
    }
  }

  private chooseMode(): Mode {
    const { config, engine } = this.node;
    if (config.replDisklessLoad === 'swapdb') return 'spare';
    return config.replDisklessLoad === 'on-empty-db' && engine.size === 0 ? 'direct' : 'disk';
  }

  private startLoading(): void {
    const { node } = this;
    const { engine, replication } = node;
    node.server.aof.stop(); // what it says is of no use any more
    node.server.saving.abandonForSync();
    if (this.mode === 'spare') this.isAsync = replication.history.id === this.from.id;
    else {
      replication.beginNewHistory();
      this.note('notice', 'MASTER <-> REPLICA sync: Flushing old data');
      node.server.emptyAll();
    }
    this.note('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    this.startedAt = Math.floor(node.host.wallMs() / 1000);
    this.pace = this.freshPace();
    this.keys = new KeyLoad(node, this.mode === 'spare' ? engine.spare() : engine, { isPrimary: false });
    replication.loadingChanged();
  }

  private take(bytes: Buffer): void {
    this.readBytes += bytes.length;
    if (this.isOver) return;
    if (this.keys !== null) return this.loadInTime(bytes);
    this.tryFile('Write error or short write writing to', (spool) => spool.add(bytes));
  }

  /** Null where it failed, and with it all of this. */
  private tryFile<Result>(what: string, work: (spool: Spool) => Result): Result | null {
    try {
      return this.spool === null ? null : work(this.spool);
    } catch (error) {
      this.fail(`${what} the DB dump file needed for MASTER <-> REPLICA synchronization: ${messageOf(error)}`);
      return null;
    }
  }

  /** What comes faster than it may be loaded waits here, and then at the other end. */
  private loadInTime(bytes: Buffer): void {
    if (this.waiting.length === 0 && !this.pace.isSlow) return this.load(bytes);
    this.waiting.push(Buffer.from(bytes));
    if (this.waiting.length === 1) this.loadWaiting();
  }

  private readonly loadWaiting = (): void => {
    while (!this.isOver && this.waiting.length > 0) {
      const aheadMs = this.pace.aheadMs(this.keys?.loader.keysLoaded ?? 0);
      if (aheadMs > 0) {
        this.valve.shut();
        this.node.host.after(aheadMs, this.loadWaiting);
        return;
      }
      const first = this.waiting[0] as Buffer;
      const count = this.pace.isSlow ? Math.min(first.length, SLOW_BYTES) : first.length;
      if (count < first.length) this.waiting[0] = first.subarray(count);
      else this.waiting.shift();
      this.load(first.subarray(0, count));
    }
    if (this.isOver) return;
    if (this.isComplete) return this.finish();
    this.valve.open(); // what was held back may come within this call, and be the end
  };

  private load(bytes: Uint8Array): void {
    const { keys } = this;
    if (keys === null || this.isOver) return;
    if (this.loaderIsDone) return this.fail('Replication stream EOF marker is broken');
    const progress = keys.feed(bytes);
    this.loadedBytes += bytes.length;
    this.node.replication.upstream.step({ kind: 'Heard' }); // it cannot speak while we do not read
    if (progress.kind === 'broken') this.failLoading(progress.reason);
    else if (progress.kind === 'done') {
      this.loaderIsDone = true;
      if (progress.rest > 0) this.fail('Replication stream EOF marker is broken');
    }
  }

  /** All of it has come. */
  private complete(): void {
    if (this.isOver) return;
    this.isComplete = true;
    if (this.mode !== 'disk') {
      if (this.waiting.length === 0) this.finish();
      return;
    }
    this.valve.shut(); // what follows is the stream: not before these keys are ours
    this.tryFile('Write error or short write writing to', (spool) =>
      spool.finish((error) => this.fileIsDurable(error)),
    );
  }

  private fileIsDurable(error: FileError | null): void {
    if (this.isOver) return;
    if (error !== null)
      return this.fail(
        `Failed trying to sync the temp DB to disk in MASTER <-> REPLICA synchronization: ${error.message}`,
      );
    const content = this.contentOfFile();
    if (content === null) return;
    // Asked also where keys come: whoever stood for election because there were none has no reason any more.
    if (!this.mayReplace(content === 'none' ? 0 : 1) || this.isOver) return;
    this.startLoading();
    this.loadSlice();
  }

  /** Libraries of functions stand in front of the first key, however long they are. Null where it cannot be read. */
  private contentOfFile(): Content | null {
    for (let bytes = PART_BYTES; ; bytes *= 4) {
      const head = this.tryFile('Read error on', ({ path }) => this.node.host.files.readPart(path, 0, bytes));
      if (head === null) return null;
      const content = contentOf(head);
      if (content !== 'not-known-yet' || head.length < bytes) return content;
    }
  }

  private readonly loadSlice = (): void => {
    const { node } = this;
    if (this.isOver) return;
    const until = node.host.monotonicMs() + LOAD_SLICE_MS;
    do {
      const aheadMs = this.pace.aheadMs(this.keys?.loader.keysLoaded ?? 0);
      if (aheadMs > 0) return void node.host.after(aheadMs, this.loadSlice);
      const part = this.tryFile('Read error on', ({ path }) => this.readPart(path));
      if (part === null) return;
      if (part.length === 0) return this.finish();
      this.load(part);
      if (this.isOver) return;
    } while (this.loaderIsDone || node.host.monotonicMs() < until);
    node.host.endOfTurn(this.loadSlice);
  };

  private readPart(path: string): Uint8Array {
    return this.node.host.files.readPart(path, this.loadedBytes, this.pace.isSlow ? SLOW_BYTES : PART_BYTES);
  }

  private finish(): void {
    const { node, keys } = this;
    if (keys === null || !this.loaderIsDone) return this.failLoading('premature end of file');
    if (this.mode === 'spare') {
      if (!this.mayReplace(keys.loader.keysLoaded)) return;
      node.replication.beginNewHistory();
      this.note('notice', 'MASTER <-> REPLICA sync: Swapping active DB with loaded DB');
      node.migration.endExec();
      node.engine.adoptSpare();
      this.note('notice', 'MASTER <-> REPLICA sync: Discarding old DB in background');
    }
    node.server.libraries.adopt(keys.loader.libraries);
    if (this.mode === 'disk') this.settleFile();
    else node.engine.dirty++; // nothing on the disk has these keys
    const stated = Number(keys.loader.aux.get('repl-stream-db') ?? 0);
    const database = Number.isInteger(stated) && stated >= 0 && stated < node.engine.databaseCount ? stated : 0;
    this.leave();
    this.done({ ok: true, database, wantsAck: this.endsWithMark });
    this.valve.open();
  }

  /** It is what a save would write now: it becomes the file of the last save, where there is to be one. */
  private settleFile(): void {
    const { node, spool } = this;
    const { config, host } = node;
    if (spool === null || !keepsFiles(config)) return;
    try {
      host.files.rename(spool.path, config.dbfilename);
      host.files.syncFolder('.');
      this.spool = null;
    } catch (error) {
      const what = `Failed trying to rename the temp DB into ${config.dbfilename} in MASTER <-> REPLICA synchronization`;
      this.note('warning', `${what}: ${messageOf(error)}`);
    }
  }

  /** Whether this snapshot may take the place of our keys: the cluster has a say, where there is one. */
  private mayReplace(keysOffered: number): boolean {
    const { membership, engine, replication } = this.node;
    const { history } = replication;
    const isShared = this.from.id === history.id || this.from.id === history.secondId;
    const held = { keysHeld: engine.size, offsetHeld: history.offset };
    const offered = { keysOffered, offsetOffered: this.from.offset };
    const offer: ResyncOffer = { history: isShared ? 'shared' : 'unknown', ...offered, ...held };
    if (membership === null || membership.mayResync(offer)) return true;
    if (this.keys !== null) this.undo();
    this.leave();
    this.done({ ok: false, isRefused: true });
    return false;
  }

  private refused(line: string): void {
    if (line.startsWith('-')) return this.fail(`MASTER aborted replication with an error: ${line.slice(1)}`);
    const question = 'are you sure the host and port are right?';
    this.fail(`Bad protocol from MASTER, the first byte is not '$' (we received '${line}'), ${question}`);
  }

  private failLoading(reason: string): void {
    const from = this.mode === 'disk' ? 'DB from disk' : 'DB from socket';
    this.fail(`Failed trying to load the MASTER synchronization ${from}: ${reason}`);
  }

  private fail(text: string): void {
    if (this.isOver) return;
    this.note('warning', text);
    this.node.replication.upstream.follower.blame(text);
    if (this.keys !== null) this.undo();
    this.leave();
    this.done({ ok: false, isRefused: false });
  }

  /** What was loaded so far is no whole. */
  private undo(): void {
    this.keys?.loader.abandon();
    const { engine, server } = this.node;
    if (this.mode !== 'spare') return server.emptyAll();
    engine.dropSpare();
    this.note('notice', 'MASTER <-> REPLICA sync: Discarding temporary DB in background');
  }

  private leave(): void {
    this.isOver = true;
    this.spool?.close();
    if (this.spool !== null) discard(this.node, this.spool.path);
    this.node.replication.loadingChanged();
  }

  private note(level: 'notice' | 'warning', text: string): void {
    this.node.log(level, text);
  }
}
