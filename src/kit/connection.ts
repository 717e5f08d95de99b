/**
 * A client's connection to one node: requests out, replies in the order of the requests.
 *
 * An error reply is a value for who calls `ask`, and an exception for who calls `text` or `order`, which are for
 * commands that a healthy node does not refuse. A lost connection rejects everything that waits.
 */
import { connect, type Socket } from 'node:net';
import { encodeRequest, type Reply, ReplyError, ReplyReader } from '../resp/reply-reader.js';
import { Trouble } from './trouble.js';
import { pause } from './wait.js';

/** A replica loads what its primary sent: mostly a matter of milliseconds. */
const LOADING_LOOK_MS = 20;

export interface ClientAddress {
  readonly host: string;
  readonly port: number;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

type Argument = string | number | Uint8Array;

export class Connection {
  private readonly waiting: Waiting[] = [];
  private lost: Error | null = null;

  private constructor(
    readonly address: ClientAddress,
    private readonly socket: Socket,
  ) {
    const reader = new ReplyReader({
      onReply: (reply) => this.waiting.shift()?.resolve(reply),
      onGarbage: (reason) => this.lose(`does not speak Redis' protocol (${reason})`),
    });
    socket.setNoDelay(true);
    socket.on('data', (bytes) => reader.feed(bytes));
    socket.on('error', (error) => this.lose(error.message));
    socket.on('close', () => this.lose('the connection was closed'));
  }

  /** Rejects when nobody listens there, and when the password is not the right one. */
  static async open(address: ClientAddress, password: string | null): Promise<Connection> {
    const socket = await connected(address);
    const connection = new Connection(address, socket);
    if (password === null) return connection;
    try {
      await connection.order('AUTH', password);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  ask(...args: Argument[]): Promise<Reply> {
    if (this.lost) return Promise.reject(this.lost);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.socket.write(encodeRequest(args.map((arg) => (typeof arg === 'number' ? String(arg) : arg))));
    });
  }

  /** For commands whose answer is text. */
  async text(...args: Argument[]): Promise<string> {
    const reply = await this.order(...args);
    if (!Buffer.isBuffer(reply)) throw new Trouble(`${this.place} answered ${args.join(' ')} with something else`);
    return reply.toString();
  }

  /** For commands that are not refused, but for as long as the node loads its data. */
  async order(...args: Argument[]): Promise<Reply> {
    let reply = await this.ask(...args);
    while (reply instanceof ReplyError && reply.text.startsWith('LOADING ')) {
      await pause(LOADING_LOOK_MS);
      reply = await this.ask(...args);
    }
    if (!(reply instanceof ReplyError)) return reply;
    const what = args[0] === 'AUTH' ? 'AUTH' : args.join(' '); // a password is not for the screen
    throw new Trouble(`${this.place} refused ${what}: ${reply.text}`);
  }

  close(): void {
    this.lose('the connection was closed');
    this.socket.destroy();
  }

  private get place(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  private lose(reason: string): void {
    this.lost ??= new Trouble(`${this.place}: ${reason}`);
    for (const one of this.waiting.splice(0)) one.reject(this.lost);
    this.socket.destroy();
  }
}

function connected(address: ClientAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}
