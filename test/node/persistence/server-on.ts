/**
 * A lone node on files that are there already: what a restart finds.
 */
import { type ByteLink, FileError, type Files, type LogFile } from '../../../src/base/host.js';
import type { Node } from '../../../src/node/node.js';
import { nodeOn, TestConnection, TestHost } from '../../support/lone-node.js';

export type Pages = ReadonlyMap<string, Uint8Array>;

/** Files of which one kind of step fails: `sync temp-4711.rdb`. */
function failing(files: Files, fails: (step: string) => boolean, error: Error): Files {
  const step = (name: string, run: () => void): void => {
    if (fails(name)) throw error;
    run();
  };
  return {
    read: (path) => files.read(path),
    readPart: (path, ...rest) => files.readPart(path, ...rest),
    size: (path) => files.size(path),
    lock: () => true,
    write: (path, bytes) => step(`write ${path}`, () => files.write(path, bytes)),
    append: (path, bytes) => step(`append ${path}`, () => files.append(path, bytes)),
    sync: (path) => step(`sync ${path}`, () => files.sync(path)),
    rename: (from, to) => step(`rename ${from}`, () => files.rename(from, to)),
    syncFolder: (path) => step(`sync folder ${path}`, () => files.syncFolder(path)),
    remove: (path) => files.remove(path),
    truncate: (path, length) => step(`truncate ${path}`, () => files.truncate(path, length)),
    hasFolder: (path) => files.hasFolder(path),
    makeFolder: (path) => step(`make folder ${path}`, () => files.makeFolder(path)),
    openLog: (path, how) => {
      if (fails(`open ${path}`)) throw error;
      const beside = (): FileError | null =>
        fails(`sync beside ${path}`) && error instanceof FileError ? error : null;
      return failingLog(files.openLog(path, how), beside, (what, run) => step(`${what} ${path}`, run));
    },
  };
}

type Step = (what: string, run: () => void) => void;

function failingLog(log: LogFile, beside: () => FileError | null, step: Step): LogFile {
  return {
    append: (bytes) => {
      step('append', () => log.append(bytes));
      return bytes.length;
    },
    truncate: (length) => step('truncate', () => log.truncate(length)),
    sync: () => step('sync', () => log.sync()),
    syncBeside: (done) => log.syncBeside((error) => done(error ?? beside())),
    retire: () => log.retire(),
    close: () => log.close(),
  };
}

/** A link that never comes up. */
const NOBODY: ByteLink = {
  write: () => {},
  queuedBytes: () => 0,
  close: () => {},
  pauseReading: () => {},
  resumeReading: () => {},
  remoteHost: '',
  remotePort: 0,
  localHost: '',
  localPort: 0,
};

export interface ServerOptions {
  readonly conf?: readonly string[];
  readonly fails?: (step: string) => boolean;
  readonly error?: Error;
  /** Other files than those in memory. */
  readonly files?: Files;
  /** How late it starts. */
  readonly startMs?: number;
}

export class ServerOn {
  readonly host: TestHost;
  readonly node: Node;
  readonly exits: number[] = [];
  isReady = false;

  constructor(pages: Pages, options: ServerOptions = {}) {
    const { conf = [], fails, error = new Error(), startMs = 0 } = options;
    const host = new TestHost();
    host.nowMs = startMs;
    for (const [path, bytes] of pages) host.pages.set(path, bytes);
    const files = options.files ?? host.files;
    this.host = Object.assign(host, {
      connect: () => NOBODY,
      files: fails === undefined ? files : failing(files, fails, error),
    });
    this.node = nodeOn(this.host, ['enable-debug-command yes', ...conf]);
    const exit = (code: number): void => void this.exits.push(code);
    this.node.server.machine = { block: () => {}, crash: () => {}, tidy: () => {}, exit };
    if (this.node.config.clusterEnabled && this.node.join() !== null) throw new Error('the node cannot join');
    this.node.start(() => (this.isReady = true));
  }

  get log(): readonly string[] {
    return this.host.lines;
  }

  get pages(): Pages {
    return this.host.pages;
  }

  connect(): TestConnection {
    const connection = new TestConnection(this, '127.0.0.1:50000', 0);
    connection.client = this.node.accept(connection);
    return connection;
  }

  /** One command in words. */
  say(line: string): string {
    return this.connect().say(line);
  }

  /** A figure of INFO. */
  field(name: string): string | undefined {
    const line = this.say('INFO everything')
      .split('\r\n')
      .find((each) => each.startsWith(`${name}:`));
    return line?.slice(name.length + 1);
  }

  pass(ms: number): void {
    this.host.pass(ms);
  }
}
