/**
 * What is on the disk is loaded at the start: the append-only file if one is kept, else the file of the last save. In
 * slices, with clients told to wait.
 *
 *   no file ──▶ empty                    part ▸ part ▸ part ──▶ keys ──▶ our place in the stream of changes
 *   anything wrong with it ──▶ the log says what, and the process ends: the file stays as it is
 */
import { FileError } from '../../base/host.js';
import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { Node } from '../node.js';
import type { Loading } from '../replication/sync-intake.js';
import { AofLoad, findLog } from './aof/aof-load.js';
import { type Load, LOAD_SLICE_MS, PART_BYTES } from './load.js';
import { Pace } from './pace.js';
import { RdbLoad } from './rdb-load.js';

export class StartLoading {
  /** INFO; null as long as nothing is loaded. */
  facts: Loading | null = null;
  private begunAt = 0;
  private ready: () => void = () => {};

  constructor(private readonly node: Node) {}

  /** Loads what there is, then calls `ready`: at once where there is no file. */
  begin(ready: () => void): void {
    const { aof } = this.node.server;
    this.begunAt = this.node.host.monotonicMs();
    this.ready = ready;
    try {
      if (!aof.folder.read()) return this.exit();
      if (this.node.config.appendonly) this.beginLog();
      else this.beginRdb();
    } catch (error) {
      this.unreadable(error);
    }
  }

  private beginRdb(): void {
    const { config, host } = this.node;
    const totalBytes = host.files.size(config.dbfilename);
    if (totalBytes === null) this.loaded();
    else this.run(new RdbLoad(this.node, config.dbfilename, totalBytes, false));
  }

  private beginLog(): void {
    const { aof } = this.node.server;
    aof.state = 'on';
    const found = findLog(this.node, aof);
    if (found === 'failed') return this.exit();
    if (found === 'nothing') return this.logLoaded();
    if (found === 'empty') return this.noteLog();
    this.run(found.load);
  }

  private run(load: Load): void {
    const { node } = this;
    const { totalBytes } = load;
    this.facts = { startedAt: Math.floor(node.host.wallMs() / 1000), totalBytes, loadedBytes: 0, isAsync: false };
    node.replication.loadingChanged();
    this.slice(load, new Pace(node.host, () => node.config.keyLoadDelay));
  }

  private slice(load: Load, pace: Pace): void {
    const { host, config } = this.node;
    const until = host.monotonicMs() + LOAD_SLICE_MS;
    const part = Math.min(PART_BYTES, config.loadingProcessEventsIntervalBytes);
    const again = (): void => this.slice(load, pace);
    try {
      do {
        const step = load.step(part);
        if (this.facts !== null) this.facts = { ...this.facts, loadedBytes: load.loadedBytes };
        if (step === 'done') return this.complete(load);
        if (step === 'failed') return this.damaged(load);
        const aheadMs = pace.aheadMs(load.loadedCount);
        if (aheadMs > 0) return void host.after(aheadMs, again);
      } while (host.monotonicMs() < until);
    } catch (error) {
      return this.unreadable(error);
    }
    host.endOfTurn(again);
  }

  private get seconds(): string {
    return ((this.node.host.monotonicMs() - this.begunAt) / 1000).toFixed(3);
  }

  private complete(load: Load): void {
    const { node } = this;
    this.facts = null;
    node.replication.loadingChanged();
    if (load instanceof AofLoad) return this.noteLog();
    node.log('notice', `DB loaded from disk: ${this.seconds} seconds`);
    if (load instanceof RdbLoad) node.replication.restore(load.loader.aux);
    this.loaded();
  }

  private noteLog(): void {
    this.node.log('notice', `DB loaded from append only file: ${this.seconds} seconds`);
    this.logLoaded();
  }

  /** All that is done from now on is written behind it. */
  private logLoaded(): void {
    if (this.node.server.aof.openAtStart()) this.loaded();
    else this.exit();
  }

  private loaded(): void {
    const { node } = this;
    node.server.aof.folder.removeHistory();
    node.membership?.loaded(populatedSlots(node));
    node.replication.begin();
    this.ready();
  }

  private damaged(load: Load): void {
    if (load instanceof RdbLoad) for (const line of load.describeTrouble()) this.node.log('warning', line);
    this.exit();
  }

  private exit(): void {
    this.node.server.machine.exit(1);
  }

  private unreadable(error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    this.node.log('warning', `Fatal error loading the DB: ${error.message}. Exiting.`);
    this.exit();
  }
}

function populatedSlots({ engine }: Node): number[] {
  const db = engine.database(0);
  const slots: number[] = [];
  if (db.size > 0) for (let slot = 0; slot < SLOT_COUNT; slot++) if (db.keysInSlot(slot) > 0) slots.push(slot);
  return slots;
}
