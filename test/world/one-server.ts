/**
 * One server of ours for one file of tests, and raw connections to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

export interface OneServer {
  readonly port: number;
  readonly folder: string;
  readonly process: ChildProcess;
  /** All that it has logged. */
  log(): string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Serves when this returns. `{folder}` in an option is a folder of its own. */
export function startServer(...options: readonly string[]): Promise<OneServer> {
  return start([process.execPath], options);
}

/** One that may have only so many files open, sockets included: where there is a shell to say so. */
export function startWithFewFiles(count: number, ...options: readonly string[]): Promise<OneServer> {
  return start(['sh', '-c', `ulimit -n ${count}; exec "$@"`, 'sh', process.execPath], options);
}

async function start(call: readonly [string, ...string[]], options: readonly string[]): Promise<OneServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sextet-one-'));
  const places = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const words = options.map((word) => word.replace('{folder}', folder));
  const [program, ...before] = call;
  const server = spawn(program, [...before, join(ROOT, 'bin', 'sextet-server.js'), ...places, ...words]);
  let log = '';
  await new Promise<void>((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (bytes: Buffer) => {
        log += bytes.toString();
        if (log.includes('Ready to accept connections')) resolve();
      });
    server.once('exit', () => reject(new Error(log)));
  });
  return {
    port,
    folder,
    process: server,
    log: () => log,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      if (server.exitCode === null && server.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One raw connection: what comes is kept, and one can wait for a part of it. */
export class RawClient {
  readonly socket: Socket;
  isClosed = false;
  private chunks: Buffer[] = [];
  private length = 0;
  private wakeUp: () => void = () => {};

  constructor(where: { port: number; host?: string } | { path: string }) {
    this.socket = connect(where);
    this.socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.length += chunk.length;
      this.wakeUp();
    });
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.on('close', () => {
      this.isClosed = true;
      this.wakeUp();
    });
  }

  /** Resolves when the system has taken it. */
  send(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** The next so many bytes, or less if the connection ended. */
  async take(count: number): Promise<Buffer> {
    while (this.length < count && !this.isClosed) await new Promise<void>((resolve) => void (this.wakeUp = resolve));
    const all = Buffer.concat(this.chunks);
    this.chunks = all.length > count ? [all.subarray(count)] : [];
    this.length = Math.max(0, all.length - count);
    return all.subarray(0, count);
  }

  /** The bulk string that comes next, as text. */
  async takeText(): Promise<string> {
    let header = '';
    while (!header.endsWith('\r\n') && !this.isClosed) header += (await this.take(1)).toString('latin1');
    const bytes = await this.take(Number(header.slice(1, -2)) + 2);
    return bytes.toString('latin1', 0, bytes.length - 2);
  }

  async ask(line: string, reply: string): Promise<string> {
    await this.send(`${line}\r\n`);
    return (await this.take(reply.length)).toString('latin1');
  }

  /** All that came until the end. */
  async rest(): Promise<Buffer> {
    return this.take(Number.POSITIVE_INFINITY);
  }

  close(): void {
    this.socket.destroy();
  }
}
