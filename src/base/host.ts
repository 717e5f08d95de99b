/**
 * All of the world that a node may touch. `server/` has the real one; tests and the simulator have one of virtual time.
 *
 *            ┌──────────────────────────── Host ───────────────────────────┐
 *   Node ──▶ │ clocks · chance · timers · byte links · files · log · facts │
 *            └─────────────────────────────────────────────────────────────┘
 *
 * Nothing here is asynchronous in the sense of a promise: a link reports by callbacks, a file is written when the
 * call returns. That keeps the order of a node's effects in the node's own hands.
 */

export interface Host {
  /** Milliseconds since some moment, never going back: timeouts and failure detection. May have a fraction. */
  monotonicMs(): number;
  /** Milliseconds since 1970: expiry, LASTSAVE, and the seconds in bus packets. Whole. */
  wallMs(): number;
  /** Microseconds since 1970: TIME. */
  wallMicros(): number;
  /** In [0, 1). Seeded in a simulated world. */
  random(): number;
  /** Runs once, after everything that is ready to be read in this turn of the event loop has been read. */
  endOfTurn(run: () => void): void;
  after(ms: number, run: () => void): Timer;
  every(ms: number, run: () => void): Timer;
  /** Opens a byte stream to a peer. The link may be written to at once; bytes leave when it is up. */
  connect(address: StreamAddress, events: LinkEvents): ByteLink;
  readonly files: Files;
  /** Lets somebody beside this process write a new file; null, or absent, where nobody can. Throws `FileError`. */
  readonly startWriter?: (what: WriterOrder, ended: (end: WriterEnd) => void) => FileWriter | null;
  readonly log: LogSink;
  readonly process: ProcessFacts;
  /** Absent where the system knows no such thing. */
  readonly oomScores?: OomScores;
}

export interface Timer {
  cancel(): void;
}

export interface StreamAddress {
  readonly host: string;
  readonly port: number;
  /** The local address to connect from, if one is wanted (bind-source-addr, or the first `bind`). */
  readonly from?: string;
}

export interface LinkEvents {
  onUp(): void;
  /** The bytes are only valid during the call. */
  onBytes(bytes: Uint8Array): void;
  /** Called once, whoever closed it and for whatever reason; nothing follows. */
  onDown(reason: string): void;
}

/** One end of a byte stream. */
export interface ByteLink {
  /** Queues bytes. The caller must not change them afterwards. */
  write(bytes: Uint8Array): void;
  /** Bytes that were written and that the system has not taken yet. */
  queuedBytes(): number;
  /** Closes at once; what is queued is dropped. `onDown` follows. */
  close(): void;
  /** From now on nothing is read, so that the other end has to wait; a byte or two may still come. */
  pauseReading(): void;
  resumeReading(): void;
  /** Address of the other end, `''` where unknown. */
  readonly remoteHost: string;
  readonly remotePort: number;
  /** Our own address as the other end reached it, `''` where unknown. */
  readonly localHost: string;
  readonly localPort: number;
}

/** Files as a crash sees them: what was not synced may be lost, what was not renamed never happened. */
export interface Files {
  /** The bytes of a file, or null where there is none. Throws `FileError` for anything else. */
  read(path: string): Uint8Array | null;
  /** Up to `length` bytes of a file from an offset on; fewer at its end. */
  readPart(path: string, offset: number, length: number): Uint8Array;
  /** How many bytes a file has, or null where there is none. */
  size(path: string): number | null;
  /** Creates or replaces a file. Not durable before `sync`. */
  write(path: string, bytes: Uint8Array): void;
  /** Adds to the end of a file, which is made if need be. Not durable before `sync`. */
  append(path: string, bytes: Uint8Array): void;
  sync(path: string): void;
  rename(from: string, to: string): void;
  /** Cuts a file off behind so many bytes. Not durable before `sync`. */
  truncate(path: string, length: number): void;
  /** Opens a file that grows at its end: a new one, or what there is. */
  openLog(path: string, how: 'new' | 'append'): LogFile;
  hasFolder(path: string): boolean;
  makeFolder(path: string): void;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(path: string): void;
  /** Where there is no such file, nothing happens. */
  remove(path: string): void;
  /** Takes the lock of a path for this process; false where another process holds it. Released at the end. Throws a
   *  FileError where no file can be there. */
  lock(path: string): boolean;
}

/** A file that stays open and grows at its end. */
export interface LogFile {
  /** Adds as many of the bytes as the disk takes, and says how many; throws `FileError` where it takes none. */
  append(bytes: Uint8Array): number;
  truncate(length: number): void;
  /** Makes what was added durable before it returns. */
  sync(): void;
  /** The same beside the commands, once at a time; `done` is called in a later turn. */
  syncBeside(done: (error: FileError | null) => void): void;
  /** Nothing more is added: it is synced and then closed, beside the commands. */
  retire(): void;
  close(): void;
}

/**
 * A file that a process of its own writes: a slow disk holds up nobody but it. It ends with us, at the latest.
 * Nothing of the file counts before `ended` has said that all went well.
 */
export interface FileWriter {
  readonly pid: number;
  readonly path: string;
  /** Queues bytes. The caller must not change them afterwards. */
  write(bytes: Uint8Array): void;
  queuedBytes(): number;
  /** That was all: the file is made durable, and then it ends. */
  finish(): void;
  /** Ends it at once; `ended` is not called any more. */
  kill(): void;
}

export interface WriterOrder {
  /** The name of the file, by the process that writes it. */
  nameOf(pid: number): string;
  /** It is synced now and then while it is written, so that the sync at its end does not take long. */
  readonly syncsAlong: boolean;
}

/** How a writer came to its end. */
export type WriterEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'killed'; readonly signal: number }
  | { readonly kind: 'failed'; readonly step: 'write' | 'fsync'; readonly reason: string };

/** What the operating system said, in its own words: `ENOENT`, 'No such file or directory'. */
export class FileError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What the operating system said. Anything else that was thrown is a mistake of ours, and goes on. */
export function messageOf(error: unknown): string {
  if (!(error instanceof FileError)) throw error;
  return error.message;
}

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export interface LogSink {
  log(level: LogLevel, text: string): void;
}

/** How gladly the system ends a process when memory runs out, as Linux has it: oom_score_adj. Throw `FileError`. */
export interface OomScores {
  read(pid: number): number;
  write(pid: number, score: number): void;
}

/** What INFO and MEMORY say of the process. A simulated world makes the figures up. */
export interface ProcessFacts {
  readonly pid: number;
  readonly executable: string;
  readonly configFile: string;
  readonly os: string;
  readonly archBits: number;
  readonly runId: string;
  rssBytes(): number;
  /** Bytes of all memory of the machine. */
  totalMemoryBytes(): number;
  /** Seconds of CPU used so far: by this process in user and system mode, and by its children. */
  cpu(): { user: number; system: number; childrenUser: number; childrenSystem: number };
}
