/**
 * The files of a manifest, one after the other, into the databases.
 *
 *   base ▸ incr ▸ incr ▸ … ▸ the last one, on which is written from now on
 *
 * A file of the time before manifests, which lies beside the folder, is moved into it first.
 */
import { type ManifestPart, needsUpgrade, partsToLoad, withOldFile } from '../../../persistence/aof/manifest.js';
import type { Node } from '../../node.js';
import type { Load, LoadStep } from '../load.js';
import type { Aof } from './aof.js';
import { FileLoad } from './file-load.js';

/** `nothing`: there are no files; `empty`: there are, but there is nothing in them. */
export type Found = { readonly load: AofLoad } | 'nothing' | 'empty' | 'failed';

/** What there is to be loaded; the log says what is wrong with it. */
export function findLog(node: Node, aof: Aof): Found {
  const { folder } = aof;
  if (!upgrade(node, aof)) return 'failed';
  const parts = partsToLoad(folder.manifest);
  if (parts.length === 0) return 'nothing';
  const total = folder.totalBytes();
  if (total === null) return 'failed';
  return total === 0 ? 'empty' : { load: new AofLoad(node, aof, parts, total) };
}

/** False where the old file cannot be moved; then it is where it was, and the next start tries again. */
function upgrade(node: Node, { folder }: Aof): boolean {
  const { config, host } = node;
  const { files } = host;
  const name = folder.filename;
  const oldFile = files.size(name) !== null;
  const found = {
    oldFile,
    folder: files.hasFolder(config.appenddirname),
    oldFileInFolder: oldFile && files.size(folder.pathOf(name)) !== null,
  };
  if (!needsUpgrade(folder.manifest, name, found)) return true;
  if (!folder.make() || !folder.adopt(withOldFile(folder.manifest, name))) return false;
  const wrong = folder.rename(name, folder.pathOf(name));
  const dir = config.appenddirname;
  if (wrong !== null) {
    node.log('warning', `Error trying to move the old AOF file ${name} into dir ${dir}: ${wrong}`);
    return false;
  }
  node.log('notice', `Successfully migrated an old-style AOF file (${name}) into the AOF directory (${dir}).`);
  return true;
}

export class AofLoad implements Load {
  private index = 0;
  private file: FileLoad;
  private fileBegunAt: number;
  private doneBytes = 0;
  private doneCount = 0;

  constructor(
    private readonly node: Node,
    private readonly aof: Aof,
    private readonly parts: readonly ManifestPart[],
    readonly totalBytes: number,
  ) {
    this.fileBegunAt = node.host.monotonicMs();
    this.file = this.open();
    this.setLoading(true);
  }

  private open(): FileLoad {
    const { name } = this.parts[this.index] as ManifestPart;
    this.fileBegunAt = this.node.host.monotonicMs();
    const isLast = this.index === this.parts.length - 1;
    return new FileLoad(this.node, { name, path: this.aof.folder.pathOf(name), isLast });
  }

  private setLoading(isLoading: boolean): void {
    this.aof.isLoading = isLoading;
    this.node.dispatcher.propagation.mute(isLoading);
    this.node.followExpiry();
  }

  get loadedBytes(): number {
    return this.doneBytes + this.file.readBytes;
  }

  get loadedCount(): number {
    return this.doneCount + this.file.loadedCount;
  }

  step(bytes: number): LoadStep {
    const step = this.file.step(bytes);
    if (step === 'more') return 'more';
    if (step === 'failed') return 'failed';
    this.noteFile();
    this.doneBytes = this.loadedBytes;
    this.doneCount = this.loadedCount;
    if (++this.index < this.parts.length) {
      this.file = this.open();
      return 'more';
    }
    this.complete();
    return 'done';
  }

  private noteFile(): void {
    const { node, parts, index, file } = this;
    const part = parts[index] as ManifestPart;
    const isBase = part === this.aof.folder.manifest.base;
    if (isBase) this.aof.rewriting.baseBytes = file.readBytes;
    if (file.readBytes === 0) return; // an empty file is passed over in silence
    const seconds = ((node.host.monotonicMs() - this.fileBegunAt) / 1000).toFixed(3);
    node.log('notice', `DB loaded from ${isBase ? 'base' : 'incr'} file ${part.name}: ${seconds} seconds`);
  }

  private complete(): void {
    this.setLoading(false);
    this.aof.log.totalBytes = this.totalBytes;
  }
}
