/**
 * The file of the last save is loaded: at the start, in slices, with clients told to wait; or at once for DEBUG RELOAD.
 *
 *   no file ──▶ empty                    part ▸ part ▸ part ──▶ keys ──▶ our place in the stream of changes
 *   anything wrong with it ──▶ the log says what, and the process ends: the file stays as it is
 */
import { FileError } from '../../base/host.js';
import type { Reload } from '../../commands/server/saving.js';
import { SLOT_COUNT } from '../../keyspace/directory.js';
import type { Fed, RdbLoader } from '../../persistence/rdb-reader.js';
import type { Node } from '../node.js';
import type { Loading } from '../replication/sync-intake.js';
import { KeyLoad } from './key-load.js';
import { Pace } from './pace.js';

/** What is read at a time at most, and how long one goes on without looking at anybody else. */
const PART_BYTES = 128 * 1024;
const SLICE_MS = 8;

const SHORT = 'Short read or OOM loading DB. Unrecoverable error, aborting now.';
/** Reasons that stand for themselves; behind them redis gives the system's words for a wrong argument. */
const NO_SUCH_FORMAT = ['Wrong signature', "Can't handle RDB format"];

/** A file on its way into the databases. */
class FileLoad {
  loadedBytes = 0;
  isDone = false;
  private readonly keys: KeyLoad;

  constructor(
    private readonly node: Node,
    readonly path: string,
    merge: boolean,
  ) {
    const { engine, isReplica, replication } = node;
    this.keys = new KeyLoad(node, engine, {
      isPrimary: !isReplica,
      replaces: merge,
      expired: (index, key) => replication.expiredWhileLoading(index, key, this.loader.aux),
    });
  }

  get loader(): RdbLoader {
    return this.keys.loader;
  }

  /** Null to go on, '' at the end, or what is wrong. */
  step(bytes: number): string | null {
    const { host } = this.node;
    const part = host.files.readPart(this.path, this.loadedBytes, bytes);
    if (part.length === 0) return this.isDone ? '' : SHORT;
    if (this.isDone) return ''; // what stands behind the end is not ours
    this.loadedBytes += part.length;
    return this.judge(this.keys.feed(part));
  }

  private judge(fed: Fed): string | null {
    if (fed.kind === 'broken') return fed.reason;
    if (fed.kind === 'more') return null;
    this.isDone = true;
    return '';
  }
}

export class StartLoading {
  /** INFO; null as long as nothing is loaded. */
  facts: Loading | null = null;
  private begunAt = 0;

  constructor(private readonly node: Node) {}

  /** Loads what there is, then calls `ready`: at once where there is no file. */
  begin(ready: () => void): void {
    const { node } = this;
    const { host, config } = node;
    try {
      const totalBytes = host.files.size(config.dbfilename);
      if (totalBytes === null) return this.loaded(ready);
      this.begunAt = host.monotonicMs();
      this.facts = { startedAt: Math.floor(host.wallMs() / 1000), totalBytes, loadedBytes: 0, isAsync: false };
    } catch (error) {
      return this.unreadable(error);
    }
    node.replication.loadingChanged();
    const pace = new Pace(host, () => config.keyLoadDelay);
    this.slice(new FileLoad(node, config.dbfilename, false), pace, ready);
  }

  private slice(load: FileLoad, pace: Pace, ready: () => void): void {
    const { host, config } = this.node;
    const until = host.monotonicMs() + SLICE_MS;
    const part = Math.min(PART_BYTES, config.loadingProcessEventsIntervalBytes);
    const again = (): void => this.slice(load, pace, ready);
    try {
      do {
        const trouble = load.step(part);
        if (this.facts !== null) this.facts = { ...this.facts, loadedBytes: load.loadedBytes };
        if (trouble === '') return this.complete(load, ready);
        if (trouble !== null) return this.damaged(load, trouble);
        const aheadMs = pace.aheadMs(load.loader.keysLoaded);
        if (aheadMs > 0) return void host.after(aheadMs, again);
      } while (host.monotonicMs() < until);
    } catch (error) {
      return this.unreadable(error);
    }
    host.endOfTurn(again);
  }

  private complete(load: FileLoad, ready: () => void): void {
    const { node } = this;
    const seconds = ((node.host.monotonicMs() - this.begunAt) / 1000).toFixed(3);
    this.facts = null;
    node.replication.loadingChanged();
    node.log('notice', `DB loaded from disk: ${seconds} seconds`);
    node.replication.restore(load.loader.aux);
    this.loaded(ready);
  }

  private loaded(ready: () => void): void {
    this.node.membership?.loaded(populatedSlots(this.node));
    this.node.replication.begin();
    ready();
  }

  private damaged(load: FileLoad, trouble: string): void {
    const { node } = this;
    for (const line of describeDamage(trouble, load.loader.bytesLoaded, load.path)) node.log('warning', line);
    node.server.machine.exit(1);
  }

  private unreadable(error: unknown): void {
    if (!(error instanceof FileError)) throw error;
    this.node.log('warning', `Fatal error loading the DB: ${error.message}. Exiting.`);
    this.node.server.machine.exit(1);
  }
}

/** The lines of the log that say why a file cannot be loaded. */
export function describeDamage(trouble: string, offset: number, path: string): string[] {
  if (NO_SUCH_FORMAT.some((words) => trouble.startsWith(words)))
    return [trouble, 'Fatal error loading the DB: Invalid argument. Exiting.'];
  if (trouble.startsWith('FATAL:')) return [trouble];
  const lines = trouble === SHORT || trouble.startsWith('Wrong RDB checksum') ? [trouble] : [];
  const what = trouble === SHORT ? 'Unexpected EOF reading RDB file' : lines.length > 0 ? 'RDB CRC error' : trouble;
  return [
    ...lines,
    `Internal error in RDB reading offset ${offset} -> ${what}`,
    `The file is as it was: redis-check-rdb ${path} tells more of it.`,
    'Terminating server after rdb file reading failure.',
  ];
}

/** DEBUG RELOAD: everything at once. False where the file cannot be loaded; the log says why. */
export function reloadNow(node: Node, { flush, merge }: Reload): boolean {
  const { engine, config } = node;
  if (flush) engine.flushAll();
  try {
    const load = new FileLoad(node, config.dbfilename, merge);
    let trouble: string | null = null;
    while (trouble === null) trouble = load.step(PART_BYTES);
    if (config.keyLoadDelay > 0) node.server.machine.block((load.loader.keysLoaded * config.keyLoadDelay) / 1000);
    if (trouble === '') {
      node.log('warning', 'DB reloaded by DEBUG RELOAD');
      return true;
    }
    for (const line of describeDamage(trouble, load.loader.bytesLoaded, load.path).slice(0, -1))
      node.log('warning', line);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    node.log('warning', `Fatal error loading the DB: ${error.message}.`);
  }
  return false;
}

function populatedSlots({ engine }: Node): number[] {
  const db = engine.database(0);
  const slots: number[] = [];
  if (db.size > 0) for (let slot = 0; slot < SLOT_COUNT; slot++) if (db.keysInSlot(slot) > 0) slots.push(slot);
  return slots;
}
