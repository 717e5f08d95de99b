/**
 * When the append-only file is rewritten, and what follows: a base that says what all the files before it said.
 *
 *   BGREWRITEAOF ──┐   a new incr is written ─▶ SnapshotFile ─▶ the base gets its name ─▶ manifest ─▶ history removed
 *   it has grown ──┼─▶      │                        │
 *   turned on ─────┘        └── this very moment ────┘
 *
 * One snapshot is taken at a time; a rewrite that has to wait for another one is scheduled. One that fails leaves its
 * incremental file behind, which is as good as any; but see rewrite-limit.ts.
 */
import type { RewriteAnswer } from '../../../commands/server/saving.js';
import { lastIncr, tempIncrName, withHistory, withNewBase, withNewIncr } from '../../../persistence/aof/manifest.js';
import type { Node } from '../../node.js';
import { type FileEnd, NOT_WANTED, SnapshotFile } from '../snapshot-file.js';
import type { Aof } from './aof.js';
import { baseForm, baseOrder } from './base.js';
import { RewriteLimit } from './rewrite-limit.js';

/** So long everybody may stand still for who asks for a rewrite, as in the fork of a big process; a million keys take
 *  less. Who asks looks for the writer process at once, as the official suite does. */
const TIDY_MS = 250;

type Written = Extract<FileEnd, { kind: 'written' }>;

export class Rewriting {
  /** INFO: how the last one ended, how long it took (-1: none), how many were begun. */
  status: 'ok' | 'err' = 'ok';
  lastSeconds = -1;
  count = 0;
  isScheduled = false;
  /** What the files had when the last one ended: aof_base_size. */
  baseBytes = 0;
  readonly limit: RewriteLimit;
  private job: SnapshotFile | null = null;
  private form: 'rdb' | 'aof' = 'rdb';
  private startedAt = 0;

  constructor(
    private readonly node: Node,
    private readonly aof: Aof,
  ) {
    this.limit = new RewriteLimit((line) => node.log('warning', line));
  }

  get isOn(): boolean {
    return this.job !== null;
  }

  /** INFO aof_current_rewrite_time_sec. */
  get currentSeconds(): number {
    return this.job === null ? -1 : this.seconds - this.startedAt;
  }

  private get seconds(): number {
    return Math.floor(this.node.host.wallMs() / 1000);
  }

  /** Another snapshot is being taken, or a base is being written: it is good for nothing that begins later. */
  private get mustWait(): boolean {
    return this.node.server.saving.isBusy;
  }

  /** Or what is left of one is still to be tidied up: nobody is in haste. Or keys are being loaded, or the log cannot
   *  be written: whoever asks then is refused. */
  private get mayWait(): boolean {
    const { engine, replication } = this.node;
    return this.mustWait || engine.mustSweep || replication.loading !== null || this.aof.log.isStuck;
  }

  /** For whoever asks it is tidied up at once, if that takes no time to speak of; false where there is more. It comes
   *  first: the moment of the snapshot is that of the new file. */
  private tidyUp(): boolean {
    const { engine, host } = this.node;
    const until = host.monotonicMs() + TIDY_MS;
    while (engine.mustSweep && host.monotonicMs() < until) engine.sweepSome();
    return !engine.mustSweep;
  }

  // ── when ──────────────────────────────────────────────────────────────────

  /** BGREWRITEAOF. */
  ask(inExec: boolean): RewriteAnswer {
    if (this.isOn) return 'running';
    if (!this.mustWait && !inExec && this.tidyUp()) return this.begin() ? 'started' : 'failed';
    this.isScheduled = true;
    this.limit.failures = 0; // whoever asks does not have to wait for it
    return 'scheduled';
  }

  /** The append-only file is turned on: its first base. False where it cannot be had. */
  beginFirst(): boolean {
    const { node } = this;
    const isInExec = node.migration.isAmidExec || (node.intake.served?.inExec ?? false);
    if (this.mustWait && !this.isOn) return this.schedule('but there is already another background operation');
    if (isInExec) return this.schedule('during a transaction');
    if (this.isOn) {
      const what = 'AOF was enabled but there is already an AOF rewriting in background.';
      node.log('warning', `${what} Stopping background AOF and starting a rewrite now.`);
      this.cancel();
    }
    return this.tidyUp() ? this.begin() : this.schedule('but there is already another background operation');
  }

  private schedule(why: string): true {
    this.isScheduled = true;
    const what = 'An AOF background was scheduled to start when possible.';
    this.node.log('warning', `AOF was enabled ${why}. ${what}`);
    return true;
  }

  /** Ten times a second. */
  tick(): void {
    if (this.mayWait) return;
    if (this.isScheduled && !this.limit.holdsBack(this.seconds)) this.begin();
  }

  /** The same, when no `save` point was due. */
  tickWhenGrown(): void {
    const { aof, node } = this;
    const { autoAofRewritePercentage, autoAofRewriteMinSize } = node.config;
    const { totalBytes } = aof.log;
    if (aof.state !== 'on' || this.mayWait || autoAofRewritePercentage === 0) return;
    if (totalBytes <= autoAofRewriteMinSize) return;
    const growth = Math.floor((totalBytes * 100) / (this.baseBytes || 1)) - 100;
    if (growth < autoAofRewritePercentage || this.limit.holdsBack(this.seconds)) return;
    node.log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`);
    this.begin();
  }

  // ── from begin to end ─────────────────────────────────────────────────────

  private begin(): boolean {
    const { aof, node } = this;
    if (this.mustWait) return false;
    if (!aof.folder.make() || !aof.openNewIncr()) {
      this.status = 'err';
      return false;
    }
    this.count++;
    this.form = baseForm(node);
    this.job = new SnapshotFile(node, baseOrder(node), (end) => this.ended(end));
    node.log('notice', `Background append only file rewriting started by pid ${this.job.pid}`);
    this.isScheduled = false;
    this.startedAt = this.seconds;
    return true;
  }

  private ended(end: FileEnd): void {
    const { aof, node } = this;
    this.job = null;
    if (end.kind === 'written') this.written(end);
    else this.notWritten(end);
    if (aof.state === 'waiting') {
      aof.dropFirstIncr();
      this.isScheduled = true;
    }
    this.lastSeconds = this.seconds - this.startedAt;
    node.replication.desk.review(); // replicas may have waited for this one to end
  }

  private notWritten(end: Exclude<FileEnd, Written>): void {
    const { node } = this;
    if (end.kind === 'failed') {
      const opening = 'Opening the temp file for AOF rewrite in rewriteAppendOnlyFile()';
      const what = end.step === 'open' ? opening : 'Write error writing append only file on disk';
      node.log('warning', `${what}: ${end.reason}`);
      node.log('warning', 'Background AOF rewrite terminated with error');
    } else node.log('warning', `Background AOF rewrite terminated by signal ${end.signal}`);
    if (end.kind !== 'killed' || end.signal !== NOT_WANTED) this.failed();
  }

  private failed(): void {
    this.status = 'err';
    this.limit.failures++;
  }

  private written({ path }: Written): void {
    const { aof, node } = this;
    const { folder } = aof;
    node.log('notice', `Successfully created the temporary AOF base file ${path}`);
    node.log('notice', 'Background AOF rewrite terminated with success');
    if (!this.nameFiles(path)) {
      folder.remove(path);
      return this.failed();
    }
    aof.rewritten();
    folder.removeHistory();
    this.status = 'ok';
    this.limit.failures = 0;
    node.log('notice', 'Background AOF rewrite finished successfully');
  }

  /** The files get the names under which a manifest knows them; false where that is not on disk. */
  private nameFiles(path: string): boolean {
    const { folder, state } = this.aof;
    const based = withNewBase(folder.manifest, folder.filename, this.form);
    const base = based.base?.name ?? '';
    if (!this.rename('base', path, base)) return false;
    const manifest = state === 'waiting' ? withNewIncr(based, folder.filename) : based;
    const incr = lastIncr(manifest)?.name ?? '';
    if (state === 'waiting' && !this.rename('incr', folder.pathOf(tempIncrName(folder.filename)), incr)) {
      folder.remove(folder.pathOf(base));
      return false;
    }
    const complete = withHistory(manifest, state === 'off' ? 'none' : 'last');
    if (folder.adopt(complete)) return true;
    folder.remove(folder.pathOf(base));
    if (state === 'waiting') folder.remove(folder.pathOf(incr));
    return false;
  }

  private rename(what: 'base' | 'incr', from: string, name: string): boolean {
    const { node, aof } = this;
    const to = aof.folder.pathOf(name);
    const wrong = aof.folder.rename(from, to);
    const file = `the temporary AOF ${what} file ${from.slice(from.lastIndexOf('/') + 1)}`;
    if (wrong === null) node.log('notice', `Successfully renamed ${file} into ${name}`);
    else node.log('warning', `Error trying to rename ${file} into ${to}: ${wrong}`);
    return wrong === null;
  }

  /** Nobody wants the base any more. */
  cancel(): void {
    this.isScheduled = false;
    if (this.job === null) return;
    this.node.log('notice', `Killing running AOF rewrite child: ${this.job.pid}`);
    this.job.abandon();
    this.job = null;
  }
}
