/**
 * Append-only files, looked through part by part: one file, or all that a manifest names.
 *
 *   const file = new AofFile(path, offset, { command: (request, bytes) => …, annotation: (text, at) => … });
 *   while (file.step());                 a MiB at a time
 *   file.damage, file.soundUpTo          null, or what is wrong and where; where the sound part ends
 *   cutFile(path, file.soundUpTo)        the only thing that changes a file
 *
 * Nothing is run. A listener that has heard enough calls `stop`.
 */
import { closeSync, fstatSync, ftruncateSync, fsyncSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { type AofDamage, AofReader, isRdb } from '../persistence/aof/aof-reader.js';
import { type ParsedManifest, parseManifest } from '../persistence/aof/manifest.js';
import type { Request } from '../resp/request.js';
import { withFile } from './trouble.js';

export type { AofDamage } from '../persistence/aof/aof-reader.js';
export { describeTrouble, type Manifest, type ManifestPart } from '../persistence/aof/manifest.js';
export type { Request } from '../resp/request.js';

const PART_BYTES = 1 << 20;
/** A manifest says so in its first line that is no comment; no other file does. */
const MANIFEST_WORD = 'file';
const HEAD_BYTES = 64 * 1024;

export interface AofListener {
  /** A complete command, good until the listener returns, and how many bytes it takes in the file. */
  command(request: Request, bytes: number): void;
  annotation(text: string, at: number): void;
}

export class AofFile {
  damage: AofDamage | null = null;
  /** Of the file when it was opened: what a server appends meanwhile is not looked at. */
  readonly bytes: number;
  private readonly file: number;
  private readonly reader: AofReader;
  private readonly part = Buffer.allocUnsafe(PART_BYTES);
  private at: number;
  private isOver = false;

  /** From `offset` on: behind an RDB preamble. */
  constructor(
    private readonly path: string,
    offset: number,
    private readonly listener: AofListener,
  ) {
    this.file = withFile(path, () => openSync(path, 'r'));
    this.bytes = fstatSync(this.file).size;
    this.at = offset;
    this.reader = new AofReader(offset);
    this.reader.onAnnotation = (text, at) => listener.annotation(text, at);
  }

  /** A transaction is open where it ends. */
  get isInMulti(): boolean {
    return this.reader.isInMulti;
  }

  /** Behind the last record that is in no open transaction. */
  get soundUpTo(): number {
    return this.reader.soundUpTo;
  }

  /** As redis-check-aof counts: from 1, annotations not counted. */
  get lineNumber(): number {
    return this.reader.lineNumber;
  }

  /** Looks at the next part; false when there is nothing more to look at. */
  step(): boolean {
    if (this.isOver) return false;
    const { reader, part } = this;
    const most = Math.min(PART_BYTES, this.bytes - this.at);
    const n = withFile(this.path, () => readSync(this.file, part, 0, most, this.at));
    this.at += n;
    reader.feed(part.subarray(0, n));
    this.pass();
    if (n === 0) this.damage = reader.end();
    else this.damage = reader.damage;
    if (n === 0 || this.damage !== null) this.close();
    return !this.isOver;
  }

  private pass(): void {
    const { reader, listener } = this;
    let from = reader.validUpTo;
    for (let request = reader.next(); request !== null && !this.isOver; request = reader.next()) {
      listener.command(request, reader.validUpTo - from);
      from = reader.validUpTo;
    }
  }

  /** Nothing more is to be looked at. */
  close(): void {
    if (!this.isOver) closeSync(this.file);
    this.isOver = true;
  }
}

export function readManifest(path: string): ParsedManifest {
  return parseManifest(withFile(path, () => readFileSync(path)));
}

/** What a file is, by its beginning; an empty one is taken for commands. */
export function kindOfFile(path: string): 'manifest' | 'rdb' | 'commands' {
  const head = headOf(path);
  if (isRdb(head)) return 'rdb';
  const lines = head.toString('latin1').split('\n');
  return lines.find((line) => !line.startsWith('#'))?.startsWith(MANIFEST_WORD) ? 'manifest' : 'commands';
}

export function sizeOf(path: string): number {
  return withFile(path, () => statSync(path).size);
}

/** Leaves the first `bytes` of a file, durably. */
export function cutFile(path: string, bytes: number): void {
  withFile(path, () => {
    const file = openSync(path, 'r+');
    ftruncateSync(file, bytes);
    fsyncSync(file);
    closeSync(file);
  });
}

function headOf(path: string): Buffer {
  return withFile(path, () => {
    const file = openSync(path, 'r');
    const head = Buffer.alloc(HEAD_BYTES);
    const n = readSync(file, head, 0, HEAD_BYTES, 0);
    closeSync(file);
    return head.subarray(0, n);
  });
}
