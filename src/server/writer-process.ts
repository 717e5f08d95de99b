/**
 * The one child that a node ever has: it writes a file that it is fed through a pipe, so that a slow disk holds up
 * nobody but it.
 *
 *   node ── pipe ──▶ cat ──▶ temp-<pid>.rdb          the end of the pipe is its end, whatever became of the node
 *
 * It is the system's `cat`: there in a millisecond and as small as a process can be, where a second one of ours took
 * 40 ms of a CPU and 40 MB. Syncing is a thread's business (libuv's pool), every few MiB and at the end, so that the
 * last sync is not one of gigabytes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, fdatasync, fsync, openSync, renameSync } from 'node:fs';
import { constants as system } from 'node:os';
import type { FileWriter, WriterEnd, WriterOrder } from '../base/host.js';
import { asFileError } from './file-error.js';

const PROGRAM = 'cat';
const SYNC_EVERY_BYTES = 4 * 1024 * 1024;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** Null where there is no such program. */
export function startWriter({ nameOf, syncsAlong }: WriterOrder, ended: (end: WriterEnd) => void): FileWriter | null {
  const draft = nameOf(process.pid);
  let file: number;
  try {
    file = openSync(draft, NEW_FILE, 0o644);
  } catch (error) {
    throw asFileError(error);
  }
  const child = spawn(PROGRAM, [], { stdio: ['pipe', file, 'pipe'] });
  child.on('error', () => {}); // that it could not be started is seen by its pid
  if (child.pid === undefined) {
    closeSync(file);
    return null;
  }
  const path = nameOf(child.pid);
  renameSync(draft, path);
  return new ProcessWriter(child, { pid: child.pid, path, file, syncsAlong }, ended);
}

interface Parts {
  readonly pid: number;
  readonly path: string;
  readonly file: number;
  readonly syncsAlong: boolean;
}

class ProcessWriter implements FileWriter {
  readonly pid: number;
  readonly path: string;
  private readonly file: number;
  private readonly syncEveryBytes: number;
  private complaint = '';
  private sinceSync = 0;
  private isSyncing = false;
  private isOver = false;

  constructor(
    private readonly child: ChildProcess,
    { pid, path, file, syncsAlong }: Parts,
    private readonly ended: (end: WriterEnd) => void,
  ) {
    this.pid = pid;
    this.path = path;
    this.file = file;
    this.syncEveryBytes = syncsAlong ? SYNC_EVERY_BYTES : Number.POSITIVE_INFINITY;
    child.stdin?.on('error', () => {}); // a pipe whose reader has died: `close` tells why
    child.stderr?.on('data', (text: Buffer) => (this.complaint += text.toString()));
    child.on('close', (code, signal) => this.closed(code, signal));
  }

  write(bytes: Uint8Array): void {
    this.child.stdin?.write(bytes);
    this.sinceSync += bytes.length;
    if (this.sinceSync < this.syncEveryBytes || this.isSyncing || this.isOver) return;
    this.sinceSync = 0;
    this.isSyncing = true;
    fdatasync(this.file, () => this.synced());
  }

  queuedBytes(): number {
    return this.child.stdin?.writableLength ?? 0;
  }

  finish(): void {
    this.child.stdin?.end();
  }

  kill(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.child.kill('SIGUSR1');
    if (!this.isSyncing) closeSync(this.file);
  }

  private synced(): void {
    this.isSyncing = false;
    if (this.isOver) closeSync(this.file);
  }

  private closed(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.isOver) return;
    if (signal !== null) return this.leave({ kind: 'killed', signal: system.signals[signal] });
    if (code !== 0) return this.leave({ kind: 'failed', step: 'write', reason: reasonIn(this.complaint) });
    fsync(this.file, (error) => {
      if (this.isOver) return;
      if (error === null) this.leave({ kind: 'done' });
      else this.leave({ kind: 'failed', step: 'fsync', reason: asFileError(error).message });
    });
  }

  private leave(end: WriterEnd): void {
    this.isOver = true;
    if (!this.isSyncing) closeSync(this.file);
    this.ended(end);
  }
}

/** `cat: write error: No space left on device`: its last words. */
function reasonIn(complaint: string): string {
  const line = complaint.trim();
  return line.slice(line.lastIndexOf(': ') + 1).trim() || 'the writer ended';
}
