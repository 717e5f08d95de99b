/**
 * The append-only file of a node: whether it is kept, in which files, and how it begins and ends.
 *
 *   off ── CONFIG SET appendonly yes ─▶ waiting ── the first rewrite is done ─▶ on
 *    ▲                                     │                                     │
 *    └───────── CONFIG SET appendonly no, a snapshot of our primary ─────────────┘
 *
 *   on       commands ─▶ AppendLog ─▶ the last incremental file of the manifest
 *   waiting  commands ─▶ AppendLog ─▶ temp-appendonly.aof.incr, which gets its name with the base that it goes on from
 *
 * Bases are made by rewriting.ts; at the start loading.ts reads what is there.
 */
import { type LogFile, messageOf } from '../../../base/host.js';
import type { AofDoor, RewriteAnswer } from '../../../commands/server/saving.js';
import { lastIncr, tempIncrName, withNewBase, withNewIncr } from '../../../persistence/aof/manifest.js';
import type { Node } from '../../node.js';
import { loadAtOnce } from '../load.js';
import { writeAll } from '../rdb-file.js';
import { AofFolder } from './aof-folder.js';
import { findLog } from './aof-load.js';
import { AppendLog } from './append-log.js';
import { baseForm, baseOrder } from './base.js';
import { Rewriting } from './rewriting.js';

/** After a sync it must come on: so often it is tried, a second apart. */
const TRIES = 10;
const SECOND_MS = 1000;
const NOTHING = new Uint8Array(0);

export class Aof implements AofDoor {
  state: 'off' | 'waiting' | 'on' = 'off';
  /** What it says is being loaded: nothing is written meanwhile, nobody is told, and nothing expires. */
  isLoading = false;
  readonly folder: AofFolder;
  readonly log: AppendLog;
  readonly rewriting: Rewriting;

  constructor(private readonly node: Node) {
    this.folder = new AofFolder(node);
    this.log = new AppendLog(node, () => node.server.saving.isBusy);
    this.rewriting = new Rewriting(node, this);
    node.config.onAct('appendonly', () => this.followConfig());
    node.config.onAct('aof-gc', () => {
      this.folder.removeHistory();
      return null;
    });
  }

  /** Null, or why nothing may be changed: what is written cannot be kept. */
  get trouble(): string | null {
    return this.state === 'off' ? null : this.log.trouble;
  }

  private followConfig(): string | null {
    const { appendonly } = this.node.config;
    if (!appendonly && this.state !== 'off') this.stop();
    else if (appendonly && this.state === 'off' && !this.begin()) return 'Unable to turn on AOF. Check server logs.';
    return null;
  }

  /** Commands go into the log as long as it has a file. */
  private follow(): void {
    this.node.dispatcher.propagation.setSink('log', this.log.isOpen ? this.log : null);
  }

  // ── at the start of the server ────────────────────────────────────────────

  /** All is loaded: from now on it is written. False where that cannot be; the log says why. */
  openAtStart(): boolean {
    const { folder, node } = this;
    if (!folder.make()) return false;
    const last = lastIncr(folder.manifest);
    if (folder.manifest.base === null && last === null && !this.makeFirstBase()) return false;
    const manifest = last === null ? withNewIncr(folder.manifest, folder.filename) : folder.manifest;
    const name = lastIncr(manifest)?.name ?? '';
    const file = folder.open(name, 'append');
    if (file === null || !folder.adopt(manifest)) return false;
    this.openLog(file, folder.sizeOf(name) ?? 0);
    node.log('notice', `${last === null ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    return true;
  }

  private openLog(file: LogFile, bytes: number): void {
    this.log.open(file, bytes);
    this.follow();
  }

  /** Where there is nothing at all, an empty base says so. */
  private makeFirstBase(): boolean {
    const { folder, node } = this;
    const { files } = node.host;
    const manifest = withNewBase(folder.manifest, folder.filename, baseForm(node));
    const name = manifest.base?.name ?? '';
    const temp = `temp-rewriteaof-${node.host.process.pid}.aof`;
    const order = baseOrder(node);
    try {
      files.write(temp, NOTHING);
      writeAll(node, order.writer, order.aux(), (bytes) => files.append(temp, bytes));
      files.sync(temp);
    } catch (error) {
      node.log('warning', `Write error writing append only file on disk: ${messageOf(error)}`);
      folder.remove(temp);
      return false;
    }
    const wrong = folder.rename(temp, folder.pathOf(name));
    if (wrong !== null) {
      node.log('warning', `Error moving temp append only file on the final destination: ${wrong}`);
      folder.remove(temp);
      return false;
    }
    folder.manifest = manifest; // it is written with the incremental file
    node.log('notice', `Creating AOF base file ${name} on server start`);
    return true;
  }

  // ── on and off while the server runs ──────────────────────────────────────

  /** False where it cannot be kept; the log says why. */
  private begin(): boolean {
    const { node, rewriting } = this;
    this.state = 'waiting';
    if (!rewriting.beginFirst()) {
      this.state = 'off';
      const what = "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation.";
      node.log('warning', `${what} Check the above logs for more info about the error.`);
      return false;
    }
    this.log.forgive();
    return true;
  }

  /** Nothing is written any more; what was written stays. */
  stop(): void {
    if (this.state === 'off') return;
    this.log.close();
    this.state = 'off';
    this.follow();
    this.rewriting.cancel();
    this.node.replication.followConfig();
  }

  /** Our data is that of our primary now, or we are one: as the configuration wants it, it is kept from here on. While
   *  keys come in there is nothing to begin with: we are called again at their end. */
  restart(triesLeft = TRIES): void {
    const { node } = this;
    if (!node.config.appendonly || node.replication.loading !== null || this.state !== 'off' || this.begin()) return;
    const what = 'Failed enabling the AOF after successful master synchronization!';
    node.log('warning', `${what} Trying it again in one second.`);
    if (triesLeft > 1) return void node.host.after(SECOND_MS, () => this.restart(triesLeft - 1));
    const why = "this replica instance finished the synchronization with its master, but the AOF can't be turned on.";
    node.log('warning', `FATAL: ${why} Exiting now.`);
    node.server.machine.exit(1);
  }

  // ── around a rewrite ──────────────────────────────────────────────────────

  /** What is done from now on is not in the base that is begun: it goes into a file of its own. */
  openNewIncr(): boolean {
    const { folder, node } = this;
    if (this.state === 'off') return true;
    node.dispatcher.propagation.forgetDatabase('log');
    this.log.flushNow();
    if (this.log.isStuck) {
      node.log('warning', "Can't rewrite the AOF while it lacks what could not be written to it");
      return false; // it would stand in the base and, once there is room, behind it as well
    }
    const isFirst = this.state === 'waiting';
    const manifest = isFirst ? folder.manifest : withNewIncr(folder.manifest, folder.filename);
    const name = isFirst ? tempIncrName(folder.filename) : (lastIncr(manifest)?.name ?? '');
    const file = folder.open(name, 'new');
    if (file === null) return false;
    this.log.syncNow(); // a file that is not the last one must not break off, whenever power fails
    if (!folder.adopt(manifest)) {
      file.close();
      return false;
    }
    node.log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.openLog(file, 0);
    return true;
  }

  /** The base is in place, and the manifest says so. */
  rewritten(): void {
    const { folder, log } = this;
    if (this.state === 'off') return;
    log.totalBytes = (folder.sizeOf(folder.manifest.base?.name ?? '') ?? 0) + log.fileBytes;
    this.rewriting.baseBytes = log.totalBytes;
    this.state = 'on';
  }

  /** The first base came to nothing: what was done meanwhile will be in the next one. */
  dropFirstIncr(): void {
    this.log.drop();
    this.follow();
    this.folder.removeTempIncr();
  }

  // ── the end, and DEBUG ────────────────────────────────────────────────────

  rewrite(inExec: boolean): RewriteAnswer {
    return this.rewriting.ask(inExec);
  }

  sleepBeforeWrites(micros: number): void {
    this.log.sleepMicros = micros;
  }

  /** DEBUG LOADAOF. */
  reload(): boolean {
    const isLoaded = this.loadNow();
    if (isLoaded) this.node.log('warning', 'Append Only File loaded by DEBUG LOADAOF');
    else this.node.server.machine.exit(1);
    return isLoaded;
  }

  /** What is in the files takes the place of what we have, at once. */
  private loadNow(): boolean {
    const { folder, node } = this;
    if (this.log.isOpen) this.log.flushNow();
    node.server.emptyAll();
    if (!folder.read()) return false;
    folder.removeHistory();
    const found = findLog(node, this);
    if (found === 'failed' || found === 'nothing') return false;
    if (found !== 'empty' && !loadAtOnce(node, found.load)) return false;
    node.server.saving.settle(node.server.saving.changes);
    return true;
  }

  /** At the end of the process: all is written and synced, as far as that can be. */
  finish(): void {
    if (!this.log.isOpen) return;
    this.node.log('notice', 'Calling fsync() on the AOF file.');
    this.log.flushNow();
    this.log.syncNow();
  }

  tick(tenths: number): void {
    if (this.isLoading) return;
    this.log.tick(tenths);
    this.rewriting.tick();
  }
}
