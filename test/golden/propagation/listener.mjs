/**
 * A replica that takes the stream of a redis-server and never says a word. Where the part of a command ends is told by
 * the REPLCONF GETACK of a WAIT behind it, which selects no database.
 */
import { once } from 'node:events';
import { connect } from 'node:net';

const END = Buffer.from('*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n');
export const SETTINGS = ['repl-ping-replica-period 3600', 'repl-timeout 3600', 'repl-diskless-sync-delay 0'];

export class Listener {
  #bytes = Buffer.alloc(0);
  #look = () => {};

  static async attach(port) {
    const listener = new Listener();
    const socket = connect(port, '127.0.0.1').on('data', (bytes) => listener.#hear(bytes));
    await once(socket, 'connect');
    socket.write('SYNC\r\n');
    await listener.#snapshot();
    listener.close = () => socket.destroy();
    return listener;
  }

  #hear(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    this.#look();
  }

  #until(test) {
    return new Promise((resolve) => {
      this.#look = () => test() && resolve();
      this.#look();
    });
  }

  async #snapshot() {
    let length = -1;
    await this.#until(() => {
      const header = /^\n*\$(\d+)\r\n/.exec(this.#bytes.toString('latin1', 0, 100));
      if (header !== null) length = header[0].length + Number(header[1]);
      return length >= 0 && this.#bytes.length >= length;
    });
    this.#bytes = this.#bytes.subarray(length);
  }

  /** What came before the next end mark. */
  async take(mark = END) {
    await this.#until(() => this.#bytes.includes(mark));
    const end = this.#bytes.indexOf(mark);
    const part = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end + mark.length);
    return part;
  }
}

/** What was told since the last look; the marker is a connection of its own. */
export async function streamSince(marker, listener) {
  await marker.ask('PING'); // WAIT is for what was written before its client's last command
  await marker.ask('WAIT 1 1');
  return listener.take();
}
