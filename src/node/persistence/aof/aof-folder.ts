/**
 * The folder of the append-only file: which files there are, as its manifest says, and how the next manifest comes to
 * be the one that counts.
 *
 *   temp-appendonly.aof.manifest ──▶ fsync ──▶ rename to appendonly.aof.manifest ──▶ fsync of the folder
 *
 * A crash between any two of these leaves the old list or the new one. New files are made before a manifest names them,
 * and removed after none does any more.
 */
import { type LogFile, messageOf } from '../../../base/host.js';
import {
  describeTrouble,
  EMPTY_MANIFEST,
  formatManifest,
  type Manifest,
  manifestName,
  parseManifest,
  partsToLoad,
  tempIncrName,
  tempManifestName,
  withoutHistory,
} from '../../../persistence/aof/manifest.js';
import type { Node } from '../../node.js';

const HERE = '.';

export class AofFolder {
  manifest: Manifest = EMPTY_MANIFEST;
  /** What the manifest on disk says. */
  private persisted: Manifest = EMPTY_MANIFEST;

  constructor(private readonly node: Node) {}

  get filename(): string {
    return this.node.config.appendfilename;
  }

  pathOf(name: string): string {
    return `${this.node.config.appenddirname}/${name}`;
  }

  // ── reading ───────────────────────────────────────────────────────────────

  /** False where the manifest cannot be read; the log says why. Where there is none, there are no files. */
  read(): boolean {
    const { node, filename } = this;
    const path = this.pathOf(manifestName(filename));
    this.manifest = this.persisted = EMPTY_MANIFEST;
    let bytes: Uint8Array | null;
    try {
      bytes = node.host.files.read(path);
    } catch (error) {
      const why = messageOf(error);
      node.log('warning', `Fatal error: can't open the AOF manifest file ${path} for reading: ${why}`);
      return false;
    }
    if (bytes === null) return true;
    const parsed = parseManifest(bytes);
    if (parsed.ok) this.manifest = this.persisted = parsed.manifest;
    else for (const line of describeTrouble(parsed.trouble)) node.log('warning', line);
    return parsed.ok;
  }

  /** Bytes of a file, or null where its size cannot be had: the log says why. */
  sizeOf(name: string): number | null {
    const { node } = this;
    const since = node.host.monotonicMs();
    let size: number | null = null;
    let why = 'No such file or directory';
    try {
      size = node.host.files.size(this.pathOf(name));
    } catch (error) {
      why = messageOf(error);
    }
    node.diagnosis.events.note('aof-fstat', node.host.monotonicMs() - since);
    if (size === null) node.log('warning', `Unable to obtain the AOF file ${name} length. stat: ${why}`);
    return size;
  }

  /** Bytes of all files that are to be loaded; null where one is missing. */
  totalBytes(): number | null {
    let total = 0;
    for (const { name } of partsToLoad(this.manifest)) {
      const size = this.sizeOf(name);
      if (size === null) return null;
      total += size;
    }
    return total;
  }

  // ── writing ───────────────────────────────────────────────────────────────

  /** Makes the folder where it is missing; false where that fails. */
  make(): boolean {
    const { node } = this;
    const { appenddirname } = node.config;
    const { files } = node.host;
    try {
      if (files.hasFolder(appenddirname)) return true;
      files.makeFolder(appenddirname);
      files.syncFolder(HERE);
      return true;
    } catch (error) {
      node.log('warning', `Can't open or create append-only dir ${appenddirname}: ${messageOf(error)}`);
      return false;
    }
  }

  /** Takes a manifest over once it is on disk; false where it could not be written, and then the old one counts. */
  adopt(manifest: Manifest): boolean {
    if (!this.write(manifest)) return false;
    this.manifest = manifest;
    return true;
  }

  private write(manifest: Manifest): boolean {
    if (manifest === this.persisted) return true;
    const { filename, node } = this;
    const { files } = node.host;
    const name = manifestName(filename);
    const temp = tempManifestName(filename);
    const steps: [run: () => void, complaint: string, ending?: string][] = [
      [() => files.write(this.pathOf(temp), formatManifest(manifest)), `Can't open the AOF manifest file ${temp}`],
      [() => files.sync(this.pathOf(temp)), `Fail to fsync the temp AOF file ${temp}`, '.'],
      [
        () => files.rename(this.pathOf(temp), this.pathOf(name)),
        `Error trying to rename the temporary AOF manifest file ${temp} into ${name}`,
      ],
      [() => files.syncFolder(node.config.appenddirname), `Fail to fsync AOF directory ${this.pathOf(name)}`],
    ];
    for (const [run, complaint, ending = ''] of steps) {
      try {
        run();
      } catch (error) {
        node.log('warning', `${complaint}: ${messageOf(error)}${ending}`);
        return false;
      }
    }
    this.persisted = manifest;
    return true;
  }

  /** Opens an incremental file; null where that fails. */
  open(name: string, how: 'new' | 'append'): LogFile | null {
    try {
      return this.node.host.files.openLog(this.pathOf(name), how);
    } catch (error) {
      this.node.log('warning', `Can't open the append-only file ${name}: ${messageOf(error)}`);
      return null;
    }
  }

  /** Null, or why not. */
  rename(from: string, to: string): string | null {
    const { node } = this;
    const since = node.host.monotonicMs();
    try {
      node.host.files.rename(from, to);
    } catch (error) {
      return messageOf(error);
    }
    node.diagnosis.events.note('aof-rename', node.host.monotonicMs() - since);
    return null;
  }

  // ── what is left over ─────────────────────────────────────────────────────

  /** Files that a rewrite has replaced; unless they are to be kept (aof-disable-auto-gc). */
  removeHistory(): void {
    const { manifest, node } = this;
    if (node.config.aofDisableAutoGc || manifest.history.length === 0) return;
    for (const { name } of manifest.history) {
      node.log('notice', `Removing the history file ${name} in the background`);
      this.remove(this.pathOf(name));
    }
    this.manifest = withoutHistory(manifest);
    this.adopt(this.manifest);
  }

  /** What was written for a rewrite that came to nothing. */
  removeTempIncr(): void {
    const name = tempIncrName(this.filename);
    this.node.log('notice', `Removing the temp incr aof file ${name} in the background`);
    this.remove(this.pathOf(name));
  }

  remove(path: string): void {
    try {
      this.node.host.files.remove(path);
    } catch (error) {
      messageOf(error); // it stays behind, and harms nobody
    }
  }
}
