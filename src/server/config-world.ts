/**
 * What reading a configuration needs of the machine: files, the current folder, standard input.
 *
 * What goes wrong is told in the words of C, which the configuration puts into its error texts.
 */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Glob } from '../base/glob.js';
import type { ConfigWorld } from '../node/config/world.js';
import { asFileError } from './file-error.js';

export function realConfigWorld(knowsCommand: (name: string) => boolean): ConfigWorld {
  return {
    folder: () => process.cwd(),
    enter: (folder) => wordsOf(() => process.chdir(folder)),
    read(path) {
      try {
        return { ok: true, bytes: readFileSync(path) };
      } catch (error) {
        return { ok: false, error: asFileError(error).message };
      }
    },
    matching,
    tryAppend: (path) => wordsOf(() => appendFileSync(path, '')),
    standardInput: () => readFileSync(0),
    knowsCommand,
  };
}

function wordsOf(action: () => void): string | null {
  try {
    action();
    return null;
  } catch (error) {
    return asFileError(error).message;
  }
}

/** Paths whose last part matches; a pattern in a folder's name is not looked into. */
function matching(pattern: string): string[] {
  const folder = dirname(pattern);
  const glob = new Glob(Buffer.from(basename(pattern)));
  try {
    return readdirSync(folder)
      .filter((name) => glob.matches(Buffer.from(name)))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
