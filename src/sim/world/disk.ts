/**
 * A disk that knows what was written from what was synced.
 *
 *   write, append ──▶ page cache ──sync──▶ platter          the bytes of a file
 *   new, renamed, removed ──▶ pending ──syncFolder──▶ platter          the names in a folder
 *
 * When a process is killed, the page cache lives on. When the power fails, each unsynced file has its old bytes, its
 * new ones, or a torn mixture, and of the pending changes of names a prefix has happened: what a journalling file
 * system leaves. Every call is an I/O step; a crash can be ordered for the n-th one from now.
 */
import { FileError, type Files, type LogFile } from '../../base/host.js';
import type { Random } from '../random.js';

const NOTHING = new Uint8Array(0);

/** One file: what a reader sees now, and what is certain to be there after a power failure (null: not even a file). */
interface Page {
  bytes: Uint8Array;
  durable: Uint8Array | null;
}

export class Disk {
  isFull = false;
  /** Bytes that can be added before it is full; null: as many as one likes. What does not fit is a short write. */
  room: number | null = null;
  /** How long a sync takes: the process stands still meanwhile. */
  syncMs = 0;
  /** I/O steps until the process dies in the middle of one; null: no crash is ordered. */
  crashIn: number | null = null;
  steps = 0;
  private readonly folders = new Set<string>();
  private names = new Map<string, Page>();
  private durableNames = new Map<string, Page>();
  private pending: ((names: Map<string, Page>) => void)[] = [];

  constructor(private readonly dice: Random) {}

  page(path: string): Page | null {
    return this.names.get(path) ?? null;
  }

  /** What a power failure could at worst leave of a file, null where that is nothing. */
  durable(path: string): Uint8Array | null {
    return this.durableNames.get(path)?.durable ?? null;
  }

  paths(): string[] {
    return [...this.names.keys()];
  }

  replace(path: string, bytes: Uint8Array): void {
    this.pageFor(path).bytes = bytes;
  }

  /** A file that is open goes on under whatever name it has. */
  open(path: string): Page {
    return this.pageFor(path);
  }

  append(path: string, bytes: Uint8Array): void {
    this.extend(this.pageFor(path), bytes);
  }

  extend(page: Page, bytes: Uint8Array): void {
    const longer = new Uint8Array(page.bytes.length + bytes.length);
    longer.set(page.bytes);
    longer.set(bytes, page.bytes.length);
    page.bytes = longer;
  }

  private pageFor(path: string): Page {
    const known = this.names.get(path);
    if (known !== undefined) return known;
    const page: Page = { bytes: NOTHING, durable: null };
    this.change((names) => names.set(path, page));
    return page;
  }

  sync(path: string): void {
    const page = this.pageAt(path);
    page.durable = page.bytes.slice();
  }

  truncate(path: string, length: number): void {
    const page = this.pageAt(path);
    page.bytes = page.bytes.slice(0, length);
  }

  private pageAt(path: string): Page {
    const page = this.names.get(path);
    if (page === undefined) throw new FileError('ENOENT', 'No such file or directory');
    return page;
  }

  makeFolder(path: string): void {
    this.folders.add(path);
  }

  /** Folders are there as soon as they are made: a file that is found in one was made after it. */
  hasFolder(path: string): boolean {
    return this.folders.has(path);
  }

  rename(from: string, to: string): void {
    const page = this.pageAt(from);
    this.change((names) => {
      names.delete(from);
      names.set(to, page);
    });
  }

  remove(path: string): void {
    if (this.names.has(path)) this.change((names) => names.delete(path));
  }

  /** One folder is all there is: names of others become durable with it, as in a journal. */
  syncNames(): void {
    for (const change of this.pending.splice(0)) change(this.durableNames);
  }

  private change(change: (names: Map<string, Page>) => void): void {
    change(this.names);
    this.pending.push(change);
  }

  /** The power fails: of what was not synced, chance decides. */
  losePower(): void {
    const kept = this.dice.below(this.pending.length + 1);
    for (const change of this.pending.splice(0).slice(0, kept)) change(this.durableNames);
    this.pending = [];
    const after = new Map<string, Page>();
    for (const [path, page] of this.durableNames) {
      const bytes = this.remains(page);
      after.set(path, { bytes, durable: bytes });
    }
    this.durableNames = after;
    this.names = new Map(after);
  }

  private remains({ bytes, durable }: Page): Uint8Array {
    const before = durable ?? NOTHING;
    switch (this.dice.below(3)) {
      case 0:
        return before;
      case 1:
        return bytes;
      default:
        return this.torn(before, bytes);
    }
  }

  /** The first sectors are new; behind them are the old ones, or zeros where the file has grown. */
  private torn(before: Uint8Array, after: Uint8Array): Uint8Array {
    const SECTOR = 512;
    const length = this.dice.chance(0.5) ? before.length : after.length;
    const mixed = new Uint8Array(length);
    const newBytes = Math.min(SECTOR * this.dice.below(Math.ceil(after.length / SECTOR) + 1), after.length, length);
    mixed.set(before.subarray(0, length));
    mixed.set(after.subarray(0, newBytes));
    return mixed;
  }
}

/** What a process has of its machine's disk. `step` may end the process instead of returning. */
export class DiskFiles implements Files {
  constructor(
    private readonly disk: Disk,
    private readonly step: (what: string, path: string) => void,
    private readonly stall: (ms: number) => void,
    private readonly after: (ms: number, run: () => void) => void,
  ) {}

  read(path: string): Uint8Array | null {
    return this.disk.page(path)?.bytes.slice() ?? null;
  }

  readPart(path: string, offset: number, length: number): Uint8Array {
    const page = this.disk.page(path);
    if (page === null) throw new FileError('ENOENT', 'No such file or directory');
    return page.bytes.slice(offset, offset + length);
  }

  size(path: string): number | null {
    return this.disk.page(path)?.bytes.length ?? null;
  }

  /** It is emptied first: a crash in between leaves nothing of what was there. */
  write(path: string, bytes: Uint8Array): void {
    this.disk.replace(path, NOTHING);
    this.step('write', path);
    this.disk.replace(path, this.disk.isFull ? bytes.slice(0, bytes.length >> 1) : bytes.slice());
    if (this.disk.isFull) throw noSpace();
  }

  append(path: string, bytes: Uint8Array): void {
    this.step('append', path);
    if (this.disk.isFull) throw noSpace();
    this.disk.append(path, bytes);
  }

  sync(path: string): void {
    this.step('sync', path);
    this.stall(this.disk.syncMs);
    this.disk.sync(path);
  }

  truncate(path: string, length: number): void {
    this.step('truncate', path);
    this.disk.truncate(path, length);
  }

  openLog(path: string, how: 'new' | 'append'): LogFile {
    if (how === 'new') this.write(path, NOTHING);
    const { disk, step, stall, after } = this;
    return new DiskLog(disk, disk.open(path), { step: (what) => step(what, path), stall, after });
  }

  hasFolder(path: string): boolean {
    return this.disk.hasFolder(path);
  }

  makeFolder(path: string): void {
    this.step('make the folder', path);
    this.disk.makeFolder(path);
  }

  rename(from: string, to: string): void {
    this.step('rename', to);
    this.disk.rename(from, to);
  }

  syncFolder(path: string): void {
    this.step('sync the folder of', path);
    this.stall(this.disk.syncMs);
    this.disk.syncNames();
  }

  remove(path: string): void {
    this.step('remove', path);
    this.disk.remove(path);
  }

  lock(): boolean {
    return true;
  }
}

/** The process that has it open. */
interface Holder {
  step(what: string): void;
  stall(ms: number): void;
  after(ms: number, run: () => void): void;
}

/** An open file: a rename or a removal does not concern it. */
class DiskLog implements LogFile {
  constructor(
    private readonly disk: Disk,
    private readonly page: Page,
    private readonly holder: Holder,
  ) {}

  append(bytes: Uint8Array): number {
    this.holder.step('append to the log');
    const { disk, page } = this;
    const count = disk.isFull ? 0 : Math.min(bytes.length, disk.room ?? bytes.length);
    if (count === 0 && bytes.length > 0) throw noSpace();
    if (disk.room !== null) disk.room -= count;
    disk.extend(page, bytes.subarray(0, count));
    return count;
  }

  truncate(length: number): void {
    this.holder.step('truncate the log');
    this.page.bytes = this.page.bytes.slice(0, length);
  }

  sync(): void {
    this.holder.step('sync the log');
    this.holder.stall(this.disk.syncMs);
    this.settle(this.page.bytes);
  }

  /** What was there at the beginning is durable at the end, at least. */
  syncBeside(done: (error: FileError | null) => void): void {
    const { bytes } = this.page;
    this.holder.after(this.disk.syncMs, () => {
      this.holder.step('sync the log');
      this.settle(bytes);
      done(null);
    });
  }

  private settle(bytes: Uint8Array): void {
    this.page.durable = bytes;
  }

  retire(): void {
    this.syncBeside(() => {});
  }

  close(): void {}
}

function noSpace(): FileError {
  return new FileError('ENOSPC', 'No space left on device');
}
