/**
 * One connection of a writer: requests out, answers in their order, error replies as values. When it ends, all that is
 * open fails, so that a writer never waits for an answer that cannot come.
 */
import net from 'node:net';
import Parser from 'redis-parser';

export class Line {
  isDown = false;
  #open = [];

  constructor(port) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    const answer = (reply) => this.#open.shift()?.resolve(reply);
    const parser = new Parser({ returnReply: answer, returnError: answer, returnFatalError: () => this.end() });
    this.socket.on('data', (bytes) => parser.execute(bytes));
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.on('close', () => this.end());
  }

  /** Rejects when the connection ends first. */
  say(...words) {
    if (this.isDown) return Promise.reject(new Error('the connection ended'));
    const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
    this.socket.write(`*${words.length}\r\n${parts.join('')}`);
    return new Promise((resolve, reject) => this.#open.push({ resolve, reject }));
  }

  end() {
    this.isDown = true;
    this.socket.destroy();
    for (const { reject } of this.#open.splice(0)) reject(new Error('the connection ended'));
  }
}
