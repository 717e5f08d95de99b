/**
 * Sockets of clients, reading into one buffer.
 *
 * Node's public `onread` option makes a socket read into a buffer of ours and call us with the byte count: no Buffer
 * and no stream event per read. But it is only offered for client sockets (`net.connect`), not for accepted ones. An
 * accepted socket therefore gets here what that option would have set. None of it is public API, so this file is the only place
 * that touches it, and it falls back to 'data' events where a part is missing.
 */
import * as net from 'node:net';
import type { Connection } from '../node/client.js';

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
}

type Internals = Record<symbol, unknown> & { _handle?: Handle | null };

const symbols = Object.getOwnPropertySymbols(new net.Socket());
const bufferKey = symbols.find((symbol) => symbol.description === 'kBuffer');
const callbackKey = symbols.find((symbol) => symbol.description === 'kBufferCb');

class SocketConnection implements Connection {
  readonly remote: string;
  readonly local: string;
  readonly descriptor: number;

  constructor(
    private readonly socket: net.Socket,
    readonly kind: 'tcp' | 'unix',
    unixPath: string,
  ) {
    this.remote = kind === 'unix' ? `${unixPath}:0` : hostAndPort(socket.remoteAddress, socket.remotePort);
    this.local = kind === 'unix' ? `${unixPath}:0` : hostAndPort(socket.localAddress, socket.localPort);
    this.descriptor = (socket as unknown as Internals)._handle?.fd ?? -1;
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

  pauseReading(): void {
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.resume();
  }
}

/** `10.0.0.1:7000`, or `[::1]:7000`. */
function hostAndPort(host: string | undefined, port: number | undefined): string {
  if (host === undefined) return '?:0';
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A server that listens on nothing yet. `unixPath` is '' for TCP. */
export function createServer<Visitor>(
  reception: Reception<Visitor>,
  keepAliveSeconds: () => number,
  unixPath: string,
): net.Server {
  // pauseOnConnect: no byte is read before the shared buffer is in place.
  return net.createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const link = new SocketConnection(socket, unixPath === '' ? 'tcp' : 'unix', unixPath);
    const visitor = reception.accept(link);
    if (visitor === null) return;
    const seconds = keepAliveSeconds();
    if (seconds > 0 && unixPath === '') socket.setKeepAlive(true, seconds * 1000);
    if (!readInto(socket, reception, visitor)) fallback(socket, reception, visitor);
    socket.on('close', () => reception.gone(visitor));
    socket.on('end', () => reception.ended(visitor));
    socket.resume();
  });
}

function readInto<Visitor>(socket: net.Socket, reception: Reception<Visitor>, visitor: Visitor): boolean {
  const internals = socket as unknown as Internals;
  const handle = internals._handle;
  if (bufferKey === undefined || callbackKey === undefined || typeof handle?.useUserBuffer !== 'function') return false;
  internals[bufferKey] = reception.shared;
  internals[callbackKey] = (length: number): boolean => {
    reception.received(visitor, length);
    return true;
  };
  handle.useUserBuffer(reception.shared);
  return true;
}

function fallback<Visitor>(socket: net.Socket, reception: Reception<Visitor>, visitor: Visitor): void {
  const { shared } = reception;
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += shared.length) reception.received(visitor, chunk.copy(shared, 0, at));
  });
}
