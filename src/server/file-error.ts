/**
 * What Node says of a file that could not be had, in the words of C: those stand in Redis' log lines, and the core
 * knows no others.
 */
import { FileError } from '../base/host.js';

/** Where libuv has words of its own. */
const WORDS_OF_C = new Map([
  ['EBUSY', 'Device or resource busy'],
  ['EEXIST', 'File exists'],
  ['EIO', 'Input/output error'],
  ['EISDIR', 'Is a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
  ['ENAMETOOLONG', 'File name too long'],
  ['ENFILE', 'Too many open files in system'],
  ['ENOMEM', 'Cannot allocate memory'],
  ['ENOTSUP', 'Operation not supported'],
  ['ETXTBSY', 'Text file busy'],
  ['EXDEV', 'Invalid cross-device link'],
]);

/** What the system refuses is thrown in its own words. */
export function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    throw asFileError(error);
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Node says `ENOENT: no such file or directory, open 'x'`; C says `No such file or directory`. */
export function asFileError(error: unknown): FileError {
  const code = codeOf(error);
  const known = WORDS_OF_C.get(code);
  if (known !== undefined) return new FileError(code, known);
  const text = error instanceof Error ? error.message : String(error);
  const from = text.indexOf(': ') + 2;
  const to = text.indexOf(',', from);
  const words = text.slice(from < 2 ? 0 : from, to < 0 ? text.length : to);
  return new FileError(code, words.charAt(0).toUpperCase() + words.slice(1));
}
