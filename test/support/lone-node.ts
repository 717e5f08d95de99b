/**
 * A whole node without a machine: virtual time, files in memory, connections as objects. Nothing runs by itself.
 *
 *   const server = new LoneNode('maxmemory 10mb');     lines of redis.conf
 *   const client = server.connect();
 *   client.run('PING')                                 → '+PONG\r\n'
 *   server.pass(1000)                                  a second passes, and what is due then runs
 *   server.log                                         → ['notice: …']
 */
import {
  type ByteLink,
  FileError,
  type Files,
  type Host,
  type LinkEvents,
  type LogFile,
  type LogLevel,
  type StreamAddress,
  type Timer,
} from '../../src/base/host.js';
import type { Client, Connection } from '../../src/node/client.js';
import { parseCommandLine } from '../../src/node/config/command-line.js';
import { pagesWorld } from '../../src/node/config/world.js';
import { Node } from '../../src/node/node.js';
import { encodeRequest } from '../../src/resp/reply-reader.js';
import { seeded } from '../golden/chance.mjs';

const START_MS = 1_700_000_000_000;
const CONFIG_PATH = '/redis.conf';

interface Due {
  at: number;
  readonly everyMs: number | null;
  readonly run: () => void;
}

export class TestHost implements Host {
  nowMs = 0;
  /** Microseconds that each look at the clock takes, in a test that is about time. */
  lookMicros = 0;
  readonly lines: string[] = [];
  readonly pages = new Map<string, Uint8Array>();
  private readonly due = new Set<Due>();
  private turn: (() => void)[] = [];
  readonly random = seeded(7);
  readonly files: Files = new MemoryFiles(this.pages, (ms, run) => void this.after(ms, run));
  readonly log = { log: (level: LogLevel, text: string) => void this.lines.push(`${level}: ${text}`) };
  readonly process = {
    pid: 4711,
    executable: '/usr/bin/sextet-server',
    configFile: '',
    os: 'Linux 6.1 x86_64',
    archBits: 64,
    runId: '0123456789abcdef0123456789abcdef01234567',
    rssBytes: () => 50_000_000,
    totalMemoryBytes: () => 8_000_000_000,
    cpu: () => ({ user: 1.5, system: 0.25, childrenUser: 0, childrenSystem: 0 }),
  };

  monotonicMs(): number {
    return (this.nowMs += this.lookMicros / 1000);
  }

  wallMs(): number {
    return START_MS + Math.floor(this.nowMs);
  }

  wallMicros(): number {
    return (START_MS + this.nowMs) * 1000;
  }

  endOfTurn(run: () => void): void {
    this.turn.push(run);
  }

  after(ms: number, run: () => void): Timer {
    return this.schedule({ at: this.nowMs + ms, everyMs: null, run });
  }

  every(ms: number, run: () => void): Timer {
    return this.schedule({ at: this.nowMs + ms, everyMs: ms, run });
  }

  connect(_address: StreamAddress, _events: LinkEvents): ByteLink {
    throw new Error('a lone node has no peers');
  }

  private schedule(due: Due): Timer {
    this.due.add(due);
    return { cancel: () => void this.due.delete(due) };
  }

  finishTurn(): void {
    while (this.turn.length > 0) for (const run of this.turn.splice(0)) run();
  }

  pass(ms: number): void {
    const end = this.nowMs + ms;
    for (;;) {
      const next = [...this.due].sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.nowMs = Math.max(this.nowMs, next.at);
      if (next.everyMs === null) this.due.delete(next);
      else next.at += next.everyMs;
      next.run();
      this.finishTurn();
    }
    this.nowMs = end;
  }
}

class MemoryFiles implements Files {
  private readonly folders = new Set<string>();
  private readonly logs = new Set<MemoryLog>();

  constructor(
    private readonly pages: Map<string, Uint8Array>,
    private readonly after: (ms: number, run: () => void) => void,
  ) {}

  truncate(path: string, length: number): void {
    this.pages.set(path, (this.pages.get(path) ?? new Uint8Array(0)).slice(0, length));
  }

  openLog(path: string, how: 'new' | 'append'): LogFile {
    if (how === 'new' || !this.pages.has(path)) this.pages.set(path, new Uint8Array(0));
    const log = new MemoryLog(this, path, this.after);
    this.logs.add(log);
    return log;
  }

  hasFolder(path: string): boolean {
    return this.folders.has(path) || [...this.pages.keys()].some((each) => each.startsWith(`${path}/`));
  }

  makeFolder(path: string): void {
    this.folders.add(path);
  }

  read(path: string): Uint8Array | null {
    return this.pages.get(path) ?? null;
  }

  write(path: string, bytes: Uint8Array): void {
    this.pages.set(path, bytes);
  }

  readPart(path: string, offset: number, length: number): Uint8Array {
    const bytes = this.pages.get(path);
    if (bytes === undefined) throw new FileError('ENOENT', 'No such file or directory');
    return bytes.subarray(offset, offset + length);
  }

  size(path: string): number | null {
    return this.pages.get(path)?.length ?? null;
  }

  append(path: string, bytes: Uint8Array): void {
    this.pages.set(path, Buffer.concat([this.pages.get(path) ?? new Uint8Array(0), bytes]));
  }

  rename(from: string, to: string): void {
    const bytes = this.pages.get(from);
    if (bytes === undefined) throw new FileError('ENOENT', 'No such file or directory');
    this.pages.delete(from);
    this.pages.set(to, bytes);
    for (const log of this.logs) if (log.path === from) log.path = to;
  }

  remove(path: string): void {
    this.pages.delete(path);
  }

  lock(): boolean {
    return true;
  }

  sync(): void {}
  syncFolder(): void {}
}

/** An open file; it keeps its bytes under whatever name they get. */
class MemoryLog implements LogFile {
  constructor(
    private readonly files: Files,
    public path: string,
    private readonly after: (ms: number, run: () => void) => void,
  ) {}

  append(bytes: Uint8Array): number {
    this.files.append(this.path, bytes);
    return bytes.length;
  }

  truncate(length: number): void {
    this.files.truncate(this.path, length);
  }

  sync(): void {
    this.files.sync(this.path);
  }

  syncBeside(done: (error: FileError | null) => void): void {
    this.after(0, () => done(null));
  }

  retire(): void {}
  close(): void {}
}

/** What a connection needs of its node. */
export interface Served {
  readonly node: Node;
  readonly host: TestHost;
}

/** One client's end of a connection. */
export class TestConnection implements Connection {
  readonly local = '127.0.0.1:6379';
  readonly kind = 'tcp';
  readonly descriptor: number;
  open = true;
  client: Client | null = null;
  /** Reads nothing: what is written waits. */
  isDeaf = false;
  private waiting: Buffer[] = [];
  private heard: Buffer[] = [];

  constructor(
    private readonly server: Served,
    readonly remote: string,
    number: number,
  ) {
    this.descriptor = 8 + number;
  }

  write(bytes: Buffer): void {
    if (this.open) (this.isDeaf ? this.waiting : this.heard).push(Buffer.from(bytes));
  }

  queuedBytes(): number {
    return this.waiting.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  get unsentBytes(): number {
    return this.queuedBytes();
  }

  /** Reads what was written first. */
  readOne(): void {
    this.heard.push(...this.waiting.splice(0, 1));
  }

  /** From now on it reads, and what waited has been sent. */
  listenAgain(): void {
    this.isDeaf = false;
    this.heard.push(...this.waiting.splice(0));
  }

  end(): void {
    this.close();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.waiting = [];
    const { client } = this;
    if (client !== null) this.server.host.endOfTurn(() => this.server.node.gone(client));
  }

  /** What has come since the last look, as latin1 text. */
  take(): string {
    return Buffer.concat(this.heard.splice(0)).toString('latin1');
  }

  send(bytes: Buffer): void {
    const { node, host } = this.server;
    if (!this.open || this.client === null) throw new Error('the connection is closed');
    for (let at = 0; at < bytes.length; at += node.intake.shared.length)
      node.received(this.client, bytes.copy(node.intake.shared, 0, at));
    host.finishTurn();
  }

  /** Says something; what is heard stays to be taken. */
  tell(args: readonly (string | Uint8Array)[]): void {
    this.send(encodeRequest(args));
  }

  runBytes(args: readonly (string | Uint8Array)[]): Buffer {
    this.tell(args);
    return Buffer.concat(this.heard.splice(0));
  }

  run(...args: readonly (string | Uint8Array)[]): string {
    return this.runBytes(args).toString('latin1');
  }

  /** Words parted by blanks. */
  say(line: string): string {
    return this.run(...line.split(' '));
  }
}

/** A node with these lines of redis.conf, which has not begun yet. */
export function nodeOn(host: Host, conf: readonly string[]): Node {
  const file = Buffer.from(conf.join('\n'));
  const line = parseCommandLine(
    [CONFIG_PATH],
    pagesWorld((path) => (path === CONFIG_PATH ? file : null)),
  );
  if (!line.ok || !line.run) throw new Error(line.ok ? line.print : line.stderr);
  return new Node(host, line.config);
}

export class LoneNode {
  readonly host = new TestHost();
  readonly node: Node;
  private connections = 0;

  constructor(...conf: readonly string[]) {
    this.node = nodeOn(this.host, conf);
    this.node.start();
  }

  get log(): string[] {
    return this.host.lines;
  }

  pass(ms: number): void {
    this.host.pass(ms);
  }

  connect(remote?: string): TestConnection {
    const number = this.connections++;
    const connection = new TestConnection(this, remote ?? `127.0.0.1:${50_000 + number}`, number);
    connection.client = this.node.accept(connection);
    return connection;
  }
}
