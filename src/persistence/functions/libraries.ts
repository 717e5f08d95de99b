/**
 * The libraries of functions that a server keeps, in the order in which they came.
 *
 *   files, snapshots, the stream of a primary ──▶ Libraries ──▶ files, snapshots, FUNCTION DUMP
 *
 * They are kept and passed on, not run: whoever can run them gets them back as they were. A failure is a text in redis'
 * words, and then nothing has changed.
 */
import { type Library, readLibrary } from './library.js';

export class Libraries {
  private byName = new Map<string, Library>();
  /** What they take. */
  bytes = 0;

  get size(): number {
    return this.byName.size;
  }

  get all(): Iterable<Library> {
    return this.byName.values();
  }

  /** FUNCTION LOAD: its name, or why not. `code` is kept as it is. */
  load(code: Uint8Array, policy: 'append' | 'replace'): { ok: true; name: string } | { ok: false; why: string } {
    const read = readLibrary(code);
    if (!read.ok) return read;
    const { name } = read.library;
    if (policy === 'append' && this.byName.has(name)) return { ok: false, why: `Library '${name}' already exists` };
    this.put(read.library);
    return { ok: true, name };
  }

  /** Takes the libraries of others: all, or none where one is there and may not be replaced. Null, or why not. */
  join(others: Libraries, policy: 'append' | 'replace'): string | null {
    if (policy === 'append')
      for (const { name } of others.all) if (this.byName.has(name)) return `Library ${name} already exists`;
    for (const library of others.all) this.put(library);
    return null;
  }

  /** These, in place of what was there. */
  adopt(others: Libraries): void {
    this.clear();
    for (const library of others.all) this.put(library);
  }

  private put(library: Library): void {
    this.delete(library.name);
    this.byName.set(library.name, library);
    this.bytes += bytesOf(library);
  }

  /** False where there is none of this name. */
  delete(name: string): boolean {
    const library = this.byName.get(name);
    if (library === undefined) return false;
    this.bytes -= bytesOf(library);
    return this.byName.delete(name);
  }

  clear(): void {
    this.byName.clear();
    this.bytes = 0;
  }
}

function bytesOf({ name, code }: Library): number {
  return name.length + code.length;
}
