/**
 * Sockets of clients, reading into one buffer.
 *
 * Node's public `onread` option makes a socket read into a buffer of ours and call us with the byte count: no Buffer
 * and no stream event per read. But it is only offered for client sockets (`net.connect`), not for accepted ones. An
 * accepted socket therefore gets here what that option would have set. None of it is public API, so this file is the
 * only place that touches it, and it falls back to 'data' events where a part is missing.
 *
 * Nothing is made per connection that all can share: the listeners are functions of the module, which find the
 * connection under a symbol of their socket. Addresses are asked of the system when somebody wants to know them.
 */
import * as net from 'node:net';
import type { Connection } from '../../node/client.js';
import type { Arrivals } from './arrivals.js';

/** What is done with a connection; `received` finds its bytes at the start of the shared buffer. */
export interface Reception<Visitor> {
  readonly shared: Buffer;
  accept(link: Connection): Visitor | null;
  received(visitor: Visitor, length: number): void;
  ended(visitor: Visitor): void;
  gone(visitor: Visitor): void;
}

interface Handle {
  useUserBuffer?(buffer: Buffer): void;
  fd?: number;
  writeQueueSize?: number;
}

const GUEST = Symbol('guest');

/** A client's socket, with what is no public part of it. */
interface GuestSocket extends net.Socket {
  [GUEST]: { readonly arrivals: Arrivals; received(length: number): void; ended(): void; gone(): void };
  _handle?: Handle | null;
}

const symbols = Object.getOwnPropertySymbols(new net.Socket());
const bufferKey = symbols.find((symbol) => symbol.description === 'kBuffer');
const callbackKey = symbols.find((symbol) => symbol.description === 'kBufferCb');

class SocketConnection<Visitor> implements Connection {
  private remoteText = '';
  private localText = '';
  private visitor: Visitor | null = null;

  constructor(
    private readonly socket: GuestSocket,
    private readonly reception: Reception<Visitor>,
    private readonly unixPath: string,
    readonly arrivals: Arrivals,
  ) {}

  /** False where nobody wants to see this visitor. */
  enter(): boolean {
    this.visitor = this.reception.accept(this);
    return this.visitor !== null;
  }

  received(length: number): void {
    if (this.visitor !== null) this.reception.received(this.visitor, length);
  }

  ended(): void {
    if (this.visitor !== null) this.reception.ended(this.visitor);
  }

  gone(): void {
    if (this.visitor !== null) this.reception.gone(this.visitor);
  }

  get kind(): 'tcp' | 'unix' {
    return this.unixPath === '' ? 'tcp' : 'unix';
  }

  /** Asked for the first time after the end it is `?:0`. */
  get remote(): string {
    if (this.remoteText === '') this.remoteText = this.place(this.socket.remoteAddress, this.socket.remotePort);
    return this.remoteText;
  }

  get local(): string {
    if (this.localText === '') this.localText = this.place(this.socket.localAddress, this.socket.localPort);
    return this.localText;
  }

  private place(host: string | undefined, port: number | undefined): string {
    if (this.kind === 'unix') return `${this.unixPath}:0`;
    if (host === undefined) return '?:0';
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  get descriptor(): number {
    return this.socket._handle?.fd ?? -1;
  }

  get unsentBytes(): number {
    return this.socket._handle?.writeQueueSize ?? 0;
  }

  write(bytes: Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  queuedBytes(): number {
    return this.socket.writableLength;
  }

  end(): void {
    this.socket.destroySoon();
  }

  close(): void {
    this.socket.destroy();
  }

  gatherParts(): void {
    this.socket.setNoDelay(false);
  }
}

/** A server that listens on nothing yet. `unixPath` is '' for TCP. */
export function createServer<Visitor>(
  reception: Reception<Visitor>,
  arrivals: Arrivals,
  keepAliveSeconds: () => number,
  unixPath: string,
): net.Server {
  // pauseOnConnect: no byte is read before the shared buffer is in place.
  return net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (accepted) => {
    const socket = accepted as GuestSocket;
    socket.on('error', onError);
    arrivals.came();
    const guest = new SocketConnection(socket, reception, unixPath, arrivals);
    if (!guest.enter()) return;
    socket[GUEST] = guest;
    const seconds = keepAliveSeconds();
    if (seconds > 0 && unixPath === '') socket.setKeepAlive(true, seconds * 1000);
    if (!readInto(socket, reception.shared)) fallback(socket, reception.shared);
    socket.on('close', onClose);
    socket.on('end', onEnd);
    socket.resume();
  });
}

/** A connection that breaks destroys itself; 'close' follows. */
function onError(): void {}

function onClose(this: net.Socket): void {
  (this as GuestSocket)[GUEST].gone();
}

function onEnd(this: net.Socket): void {
  const guest = (this as GuestSocket)[GUEST];
  guest.arrivals.handOn(); // what it sent before its end is answered
  guest.ended();
}

function onRead(this: GuestSocket, length: number): boolean {
  const guest = this[GUEST];
  guest.arrivals.received(guest, length);
  return true;
}

function readInto(socket: GuestSocket, shared: Buffer): boolean {
  const handle = socket._handle;
  if (bufferKey === undefined || callbackKey === undefined || typeof handle?.useUserBuffer !== 'function') return false;
  const internals = socket as unknown as Record<symbol, unknown>;
  internals[bufferKey] = shared;
  internals[callbackKey] = onRead;
  handle.useUserBuffer(shared);
  return true;
}

function fallback(socket: GuestSocket, shared: Buffer): void {
  socket.on('data', (chunk: Buffer) => {
    const guest = socket[GUEST];
    for (let at = 0; at < chunk.length; at += shared.length) guest.arrivals.received(guest, chunk.copy(shared, 0, at));
  });
}
