/**
 * Byte links to peers over TCP: those we open, and those that come in on the bus port.
 *
 * A link reports its end once, whoever closed it, with what the system said as the reason.
 */
import * as net from 'node:net';
import type { ByteLink, LinkEvents } from '../../base/host.js';

/** The words of C, which logs are searched for. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Connection refused'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['EHOSTUNREACH', 'No route to host'],
  ['ENETUNREACH', 'Network is unreachable'],
  ['EPIPE', 'Broken pipe'],
  ['ETIMEDOUT', 'Connection timed out'],
]);

export class SocketLink implements ByteLink {
  private reason = '';

  constructor(
    private readonly socket: net.Socket,
    events: LinkEvents,
    state: 'connecting' | 'up',
  ) {
    if (state === 'connecting') socket.once('connect', () => events.onUp());
    socket.on('data', (bytes: Buffer) => events.onBytes(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.reason = REASONS.get(error.code ?? '') ?? error.message;
    });
    socket.once('close', () => events.onDown(this.reason));
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  queuedBytes(): number {
    return this.socket.writableLength;
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

  get remoteHost(): string {
    return plainAddress(this.socket.remoteAddress);
  }

  get remotePort(): number {
    return this.socket.remotePort ?? 0;
  }

  get localHost(): string {
    return plainAddress(this.socket.localAddress);
  }

  get localPort(): number {
    return this.socket.localPort ?? 0;
  }
}

/** `::ffff:10.0.0.1` is an IPv4 address in disguise. */
function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** Accepts links of peers. `meet` is given each one, and says who listens to it. */
export function createBusServer(meet: (link: ByteLink) => LinkEvents): net.Server {
  return net.createServer({ noDelay: true }, (socket) => {
    let listener: LinkEvents | null = null;
    const link = new SocketLink(
      socket,
      {
        onUp: () => listener?.onUp(),
        onBytes: (bytes) => listener?.onBytes(bytes),
        onDown: (reason) => listener?.onDown(reason),
      },
      'up',
    );
    listener = meet(link);
  });
}
