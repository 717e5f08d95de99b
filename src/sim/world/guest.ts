/**
 * A client's connection as its node sees it: the server's half of `src/server/net/sockets.ts`, over a simulated link.
 *
 * Bytes go the same way as from a socket: into the buffer that all reads share, then `received`. `console` is a guest
 * without a network, for orders that come from the machine itself.
 */
import type { Client, Connection } from '../../node/client.js';
import type { Node } from '../../node/node.js';
import type { End } from './end.js';
import type { Machine } from './machine.js';
import type { EndEvents } from './network.js';

export class Guest implements Connection {
  readonly kind = 'tcp';
  readonly descriptor = 9;
  readonly remote: string;
  readonly local: string;
  private client: Client | null = null;
  private isOpen = true;
  private readonly replies: Buffer[] = [];

  private constructor(
    private readonly node: Node,
    private readonly end_: End | null,
  ) {
    this.remote = end_ === null ? '127.0.0.1:40000' : `${end_.remoteHost}:${end_.remotePort}`;
    this.local = end_ === null ? '127.0.0.1:6379' : `${end_.localHost}:${end_.localPort}`;
  }

  /** A visitor by network; null where it is turned away. */
  static enter(end: End, machine: Machine, node: Node): EndEvents | null {
    const guest = new Guest(node, end);
    guest.client = node.accept(guest);
    if (guest.client === null) return null;
    return {
      onUp: () => {},
      onBytes: (bytes) => machine.world.onRequest(machine, node, end, () => guest.receive(bytes)),
      onEnd: () => guest.client !== null && node.ended(guest.client),
      onDown: () => guest.client !== null && node.gone(guest.client),
    };
  }

  static console(node: Node): Guest {
    const guest = new Guest(node, null);
    guest.client = node.accept(guest);
    return guest;
  }

  private receive(bytes: Uint8Array): void {
    const { shared } = this.node.intake;
    for (let at = 0; at < bytes.length && this.client !== null; at += shared.length) {
      const part = bytes.subarray(at, at + shared.length);
      shared.set(part);
      this.node.received(this.client, part.length);
    }
  }

  // ── console ───────────────────────────────────────────────────────────────

  say(words: readonly string[]): void {
    const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.receive(Buffer.from(`*${words.length}\r\n${bulks.join('')}`));
  }

  heard(): Buffer {
    return Buffer.concat(this.replies.splice(0));
  }

  leave(): void {
    if (this.client !== null && !this.client.gone) this.node.gone(this.client);
  }

  // ── Connection ────────────────────────────────────────────────────────────

  write(bytes: Buffer): void {
    if (!this.isOpen) return;
    const copy = Buffer.from(bytes); // the node goes on writing into this buffer
    if (this.end_ === null) this.replies.push(copy);
    else this.end_.write(copy);
  }

  queuedBytes(): number {
    return this.end_?.queuedBytes() ?? 0;
  }

  get unsentBytes(): number {
    return this.queuedBytes();
  }

  end(): void {
    this.close();
  }

  close(): void {
    this.isOpen = false;
    this.end_?.close();
  }
}
