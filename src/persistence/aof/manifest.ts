/**
 * The manifest of a multi-part AOF: which files hold the data, in which order, and which ones are left over.
 *
 *   file appendonly.aof.2.base.rdb seq 2 type b      the data as of the last rewrite
 *   file appendonly.aof.1.incr.aof seq 1 type h      history: rewritten already, to be removed
 *   file appendonly.aof.2.incr.aof seq 2 type i      what was written since; the last one is being written
 *
 * A `Manifest` never changes: each operation gives another one, and `old !== fresh` says that there is something to
 * be written. Nothing is opened here. Who rewrites goes this way (each arrow: the manifest is on disk):
 *
 *   withNewIncr ─▶ the base is written under `tempBaseName` ─▶ withNewBase, withHistory ─▶ withoutHistory
 *
 * Names are byte strings, a character per byte, as the configuration's are. What surprises is Redis' own: lines are cut
 * at 1024 bytes even inside a comment, a line must end with a line feed, and no number of a history file is remembered.
 */
import { isSpace } from '../../base/numbers.js';
import { needsQuotes, quote, splitArguments } from '../../base/quoting.js';

export interface ManifestPart {
  readonly name: string;
  readonly seq: bigint;
}

export interface Manifest {
  readonly base: ManifestPart | null;
  readonly history: readonly ManifestPart[];
  readonly incrs: readonly ManifestPart[];
  /** Of the last incremental file, even where that is history by now. */
  readonly lastIncrSeq: bigint;
}

export const EMPTY_MANIFEST: Manifest = { base: null, history: [], incrs: [], lastIncrSeq: 0n };

/** What is wrong with a manifest, in Redis' words. */
const MANIFEST_ERRORS = {
  empty: 'Found an empty AOF manifest',
  longLine: 'The AOF manifest file contains too long line',
  format: 'Invalid AOF manifest file format',
  path: "File can't be a path, just a filename",
  secondBase: 'Found duplicate base file information',
  order: 'Found a non-monotonic sequence number',
  type: 'Unknown AOF file type',
} as const;

export interface ManifestTrouble {
  readonly why: keyof typeof MANIFEST_ERRORS;
  /** Counted from 1; a comment counts, too. */
  readonly lineNumber: number;
  /** The line without the blanks around it; null where it was not understood as a line at all. */
  readonly line: string | null;
}

export type ParsedManifest =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly trouble: ManifestTrouble };

/** The lines of the log, or of redis-check-aof, about a manifest that cannot be read. */
export function describeTrouble({ why, lineNumber, line }: ManifestTrouble): string[] {
  const where = line === null ? [] : [`Reading the manifest file, at line ${lineNumber}\n`, `>>> '${line}'\n`];
  return ['\n*** FATAL AOF MANIFEST FILE ERROR ***\n', ...where, `${MANIFEST_ERRORS[why]}\n`];
}

// ── reading ─────────────────────────────────────────────────────────────────

const MAX_LINE = 1024;
const LF = 0x0a;
const HASH = 0x23;

type Draft = { -readonly [key in keyof Manifest]: Manifest[key] } & { history: ManifestPart[]; incrs: ManifestPart[] };

export function parseManifest(bytes: Uint8Array): ParsedManifest {
  const draft: Draft = { base: null, history: [], incrs: [], lastIncrSeq: 0n };
  let lineNumber = 0;
  for (let at = 0; at < bytes.length; ) {
    const line = lineAt(bytes, at);
    at += line.length;
    lineNumber++;
    if (line[0] === HASH) continue;
    if (line[line.length - 1] !== LF || line.includes(0)) return refused('longLine', lineNumber, null);
    const trimmed = trim(line);
    const why = addLine(draft, trimmed);
    if (why !== null) return refused(why, lineNumber, textOf(trimmed));
  }
  return lineNumber === 0 ? refused('empty', 0, null) : { ok: true, manifest: draft };
}

function refused(why: ManifestTrouble['why'], lineNumber: number, line: string | null): ParsedManifest {
  return { ok: false, trouble: { why, lineNumber, line } };
}

/** Up to the next line feed, which belongs to it, or as much as fits. */
function lineAt(bytes: Uint8Array, at: number): Uint8Array {
  const most = bytes.subarray(at, at + MAX_LINE);
  const feed = most.indexOf(LF);
  return feed < 0 ? most : most.subarray(0, feed + 1);
}

function trim(line: Uint8Array): Uint8Array {
  let from = 0;
  let to = line.length;
  while (from < to && isBlank(line[from])) from++;
  while (to > from && isBlank(line[to - 1])) to--;
  return line.subarray(from, to);
}

/** Adds what a line says, or tells what is wrong with it. */
function addLine(draft: Draft, line: Uint8Array): ManifestTrouble['why'] | null {
  const words = splitArguments(line);
  if (words === null || words.length < 6 || words.length % 2 === 1) return 'format';
  let name: string | null = null;
  let seq = 0n;
  let type = '';
  for (let i = 0; i < words.length; i += 2) {
    const value = untilZero(words[i + 1]);
    const field = textOf(untilZero(words[i])).toLowerCase();
    if (field === 'file') {
      if (value.includes(SLASH) || value.includes(BACKSLASH)) return 'path';
      name = textOf(value);
    } else if (field === 'seq') seq = readSeq(value);
    else if (field === 'type') type = String.fromCharCode(...value.subarray(0, 1));
  }
  if (name === null || seq === 0n || type === '') return 'format';
  return addPart(draft, { name, seq }, type);
}

function addPart(draft: Draft, part: ManifestPart, type: string): ManifestTrouble['why'] | null {
  if (type === 'b') {
    if (draft.base !== null) return 'secondBase';
    draft.base = part;
  } else if (type === 'h') draft.history.push(part);
  else if (type === 'i') {
    if (part.seq <= draft.lastIncrSeq) return 'order';
    draft.incrs.push(part);
    draft.lastIncrSeq = part.seq;
  } else return 'type';
  return null;
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** Where a word has a zero byte in it, C sees its end there. */
function untilZero(word: Buffer): Buffer {
  const zero = word.indexOf(0);
  return zero < 0 ? word : word.subarray(0, zero);
}

const MAX_SEQ = 0x7fff_ffff_ffff_ffffn;

/** What atoll() reads: blanks, a sign, digits, and nothing of what follows; too big is the biggest. */
function readSeq(bytes: Uint8Array): bigint {
  let at = 0;
  while (isSpace(bytes[at])) at++;
  const isNegative = bytes[at] === 0x2d;
  if (isNegative || bytes[at] === 0x2b) at++;
  let n = 0n;
  for (; bytes[at] >= 0x30 && bytes[at] <= 0x39 && n <= MAX_SEQ; at++) n = n * 10n + BigInt(bytes[at] - 0x30);
  if (isNegative) return n > MAX_SEQ ? -MAX_SEQ - 1n : -n;
  return n > MAX_SEQ ? MAX_SEQ : n;
}

/** What is trimmed from a line: vertical tab and form feed stay. */
function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

// ── writing ─────────────────────────────────────────────────────────────────

export function formatManifest({ base, history, incrs }: Manifest): Buffer {
  const bases = base === null ? [] : [base];
  const lines = [
    ...bases.map((part) => formatPart(part, 'b')),
    ...history.map((part) => formatPart(part, 'h')),
    ...incrs.map((part) => formatPart(part, 'i')),
  ];
  return Buffer.concat(lines);
}

function formatPart({ name, seq }: ManifestPart, type: string): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  const shown = needsQuotes(bytes) || name.includes("'") ? quote(bytes) : name; // redis could not read a bare ' again
  return Buffer.from(`file ${shown} seq ${seq} type ${type}\n`, 'latin1');
}

// ── operations ──────────────────────────────────────────────────────────────

/** What has to be loaded, in this order. */
export function partsToLoad({ base, incrs }: Manifest): ManifestPart[] {
  return base === null ? [...incrs] : [base, ...incrs];
}

/** The incremental file that was made last: the one to write on. */
export function lastIncr({ incrs }: Manifest): ManifestPart | null {
  return incrs.at(-1) ?? null;
}

/** Another incremental file stands at the end: `lastIncr` is it. `filename` is `appendfilename`. */
export function withNewIncr(manifest: Manifest, filename: string): Manifest {
  const seq = manifest.lastIncrSeq + 1n;
  return { ...manifest, incrs: [...manifest.incrs, { name: `${filename}.${seq}.incr.aof`, seq }], lastIncrSeq: seq };
}

/** A new base after a rewrite, in RDB or AOF form; the old one is history. */
export function withNewBase(manifest: Manifest, filename: string, form: 'rdb' | 'aof'): Manifest {
  const { base, history } = manifest;
  const seq = (base?.seq ?? 0n) + 1n;
  return {
    ...manifest,
    base: { name: `${filename}.${seq}.base.${form}`, seq },
    history: base === null ? history : [base, ...history],
  };
}

/** The new base holds what the incremental files said, but for the one that is being written, if the AOF is on. */
export function withHistory(manifest: Manifest, kept: 'last' | 'none'): Manifest {
  const { history, incrs } = manifest;
  const stop = kept === 'last' ? Math.max(0, incrs.length - 1) : incrs.length;
  if (stop === 0) return manifest;
  return { ...manifest, history: [...incrs.slice(0, stop), ...history], incrs: incrs.slice(stop) };
}

/** The files that are history are removed. */
export function withoutHistory(manifest: Manifest): Manifest {
  return manifest.history.length === 0 ? manifest : { ...manifest, history: [] };
}

/** A file of the time before manifests becomes the base; it is moved into the folder once that is on disk. */
export function withOldFile(manifest: Manifest, filename: string): Manifest {
  return { ...manifest, base: { name: filename, seq: 1n } };
}

/** Whether a file `filename` beside the folder has still to become the base. */
export function needsUpgrade(
  { base, incrs }: Manifest,
  filename: string,
  found: { readonly oldFile: boolean; readonly folder: boolean; readonly oldFileInFolder: boolean },
): boolean {
  if (!found.oldFile) return false;
  if (!found.folder || (base === null && incrs.length === 0)) return true;
  return base?.name === filename && incrs.length === 0 && !found.oldFileInFolder;
}

// ── names ───────────────────────────────────────────────────────────────────

export function manifestName(filename: string): string {
  return `${filename}.manifest`;
}

/** What is renamed to `manifestName` when it is durable. */
export function tempManifestName(filename: string): string {
  return `temp-${filename}.manifest`;
}

/** What is written while the first rewrite after CONFIG SET appendonly yes runs. */
export function tempIncrName(filename: string): string {
  return `temp-${filename}.incr`;
}

/** What a rewrite writes, beside the folder; `id` is that of a process. */
export function tempBaseName(id: number): string {
  return `temp-rewriteaof-bg-${id}.aof`;
}
