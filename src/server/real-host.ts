/**
 * The world as it is: the machine's clocks, chance, timers, sockets and files.
 *
 * The only object through which a node touches them.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { arch, release, totalmem, type } from 'node:os';
import type {
  ByteLink,
  Files,
  Host,
  LinkEvents,
  LogSink,
  OomScores,
  ProcessFacts,
  StreamAddress,
  Timer,
} from '../base/host.js';
import { asFileError, attempt } from './file-error.js';
import { RealFiles } from './files.js';
import { SocketLink } from './net/bus-links.js';
import { startWriter } from './writer-process.js';

export class RealHost implements Host {
  readonly files: Files = new RealFiles();
  readonly startWriter = startWriter;
  readonly process: ProcessFacts;
  readonly oomScores?: OomScores;
  private readonly pool = new Uint32Array(256);
  private drawn = 256;

  constructor(
    readonly log: LogSink,
    configFile: string,
  ) {
    this.process = factsOf(configFile);
    if (process.platform === 'linux') this.oomScores = OOM_SCORES;
  }

  monotonicMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  wallMicros(): number {
    return Math.floor((performance.timeOrigin + performance.now()) * 1000);
  }

  /** From the system's source, so that hash keys and node ids cannot be guessed. */
  random(): number {
    if (this.drawn === this.pool.length) {
      this.pool.set(new Uint32Array(randomBytes(this.pool.byteLength).buffer.slice(0, this.pool.byteLength)));
      this.drawn = 0;
    }
    return (this.pool[this.drawn++] ?? 0) / 0x1_0000_0000;
  }

  endOfTurn(run: () => void): void {
    setImmediate(run);
  }

  after(ms: number, run: () => void): Timer {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  }

  every(ms: number, run: () => void): Timer {
    const timer = setInterval(run, ms);
    return { cancel: () => clearInterval(timer) };
  }

  connect(address: StreamAddress, events: LinkEvents): ByteLink {
    const { host, port, from } = address;
    const socket = net.connect({ host, port, ...(from === undefined ? {} : { localAddress: from }), noDelay: true });
    return new SocketLink(socket, events, 'connecting');
  }
}

function factsOf(configFile: string): ProcessFacts {
  return {
    pid: process.pid,
    executable: process.argv[1] ?? process.execPath,
    configFile,
    os: `${type()} ${release()} ${arch() === 'x64' ? 'x86_64' : arch()}`,
    archBits: 64,
    runId: randomBytes(20).toString('hex'),
    rssBytes: () => process.memoryUsage.rss(),
    totalMemoryBytes: totalmem,
    cpu() {
      const { user, system } = process.cpuUsage();
      return { user: user / 1e6, system: system / 1e6, childrenUser: 0, childrenSystem: 0 };
    },
  };
}

const OOM_SCORES: OomScores = {
  read(pid) {
    try {
      return Number.parseInt(readFileSync(oomScoreFile(pid), 'latin1'), 10);
    } catch (error) {
      throw asFileError(error);
    }
  },
  write: (pid, score) => attempt(() => writeFileSync(oomScoreFile(pid), `${score}\n`, { flag: 'r+' })),
};

/** By name only where it is another's: /proc may be one in which our number is not ours. */
function oomScoreFile(pid: number): string {
  return `/proc/${pid === process.pid ? 'self' : pid}/oom_score_adj`;
}
