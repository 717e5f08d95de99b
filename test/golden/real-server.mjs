/**
 * A redis-server of one's own, and a connection that asks it one question at a time. What is behind a question is told
 * by its end: a PING goes out with it, and what comes before the answer to that belongs to the question.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MARK = 'end-of-reply';
const END = Buffer.from(`$${MARK.length}\r\n${MARK}\r\n`);

/** One connection, one question at a time. */
export class Asker {
  #socket;
  #bytes = Buffer.alloc(0);
  #answered = () => {};

  static async open(port) {
    const asker = new Asker();
    asker.#socket = connect(port, '127.0.0.1').on('data', (bytes) => asker.#hear(bytes));
    await once(asker.#socket, 'connect');
    return asker;
  }

  #hear(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (this.#bytes.subarray(-END.length).equals(END)) this.#answered();
  }

  /** The bytes that answer an inline request. */
  ask(line) {
    return this.askBytes(Buffer.from(`${line}\r\n`));
  }

  /** The bytes that answer a request; none for a request of none, but for what was pushed meanwhile. */
  async askBytes(request) {
    const answer = new Promise((resolve) => {
      this.#answered = resolve;
    });
    this.#socket.write(Buffer.concat([request, Buffer.from(`PING ${MARK}\r\n`)]));
    await answer;
    const reply = this.#bytes.subarray(0, -END.length);
    this.#bytes = Buffer.alloc(0);
    return reply;
  }

  close() {
    this.#socket.destroy();
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts a server, runs, and ends it. */
export async function withRealServer(run) {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'));
  const port = await freePort();
  const options = ['--bind', '127.0.0.1', '--save', '', '--enable-debug-command', 'yes', '--dir', folder];
  const server = spawn('redis-server', ['--port', String(port), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const text of server.stdout) if (String(text).includes('Ready to accept connections')) break;
    await run(port);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
