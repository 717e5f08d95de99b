/**
 * What reading a configuration needs of the world: files, a folder to stand in, and the names of commands. `server/`
 * has the real one; `pagesWorld` is one of texts in memory, for nodes without a file system.
 *
 * Folders and paths are plain JavaScript text here.
 */

/** What the system said, in its own words: 'No such file or directory'. */
export type FileRead = { ok: true; bytes: Uint8Array } | { ok: false; error: string };

export interface ConfigWorld {
  /** Where bare file names are looked up. */
  folder(): string;
  /** Changes that folder: null, or why not. */
  enter(folder: string): string | null;
  read(path: string): FileRead;
  /** The paths a pattern with *, ? or [ stands for, in order. */
  matching(pattern: string): readonly string[];
  /** Whether a log file can be opened: null, or why not. */
  tryAppend(path: string): string | null;
  standardInput(): Uint8Array;
  knowsCommand(name: string): boolean;
}

/** A world where `read` is all there is: any folder can be entered, any log opened, no pattern matches. */
export function pagesWorld(read: (path: string) => Uint8Array | null): ConfigWorld {
  let folder = '/';
  return {
    folder: () => folder,
    enter(path) {
      folder = path.startsWith('/') ? path : `${folder === '/' ? '' : folder}/${path}`;
      return null;
    },
    read(path) {
      const bytes = read(path);
      return bytes === null ? { ok: false, error: 'No such file or directory' } : { ok: true, bytes };
    },
    matching: () => [],
    tryAppend: () => null,
    standardInput: () => new Uint8Array(0),
    knowsCommand: () => true,
  };
}
