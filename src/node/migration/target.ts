/**
 * A connection to another server on which keys are brought to it. It is kept for a while after a MIGRATE: those of a
 * reshard follow one another, and most go to the same place.
 *
 *   connecting ──▶ up ──▶ down          requests go out in the order written, replies come back in that order
 */
import type { ByteLink, Host, StreamAddress } from '../../base/host.js';
import { encodeRequest, type Reply, ReplyReader } from '../../resp/reply-reader.js';

/** Who uses the connection right now. */
export interface TargetUser {
  up(): void;
  reply(reply: Reply): void;
  /** What the system said, '' for nothing. */
  down(reason: string): void;
}

export class Target {
  state: 'connecting' | 'up' | 'down' = 'connecting';
  user: TargetUser | null = null;
  /** The database that the other end has selected; null: none, or who knows. */
  database: string | null = null;
  /** Monotonic ms. */
  usedAt = 0;
  private readonly link: ByteLink;
  private readonly reader: ReplyReader;

  constructor(
    host: Host,
    address: StreamAddress,
    private readonly left: (target: Target) => void,
  ) {
    this.reader = new ReplyReader({
      onReply: (reply) => this.heard(reply),
      onGarbage: () => this.close(),
    });
    this.link = host.connect(address, {
      onUp: () => this.up(),
      // The reader keeps views of what it is given, and the bytes are ours only for now.
      onBytes: (bytes) => this.state === 'up' && this.reader.feed(Buffer.from(bytes)),
      onDown: (reason) => this.down(reason),
    });
  }

  send(args: readonly (string | Uint8Array)[]): void {
    this.link.write(encodeRequest(args));
  }

  get unsentBytes(): number {
    return this.link.queuedBytes();
  }

  close(): void {
    this.link.close();
    this.down('');
  }

  private up(): void {
    if (this.state !== 'connecting') return;
    this.state = 'up';
    this.user?.up();
  }

  private heard(reply: Reply): void {
    if (this.state !== 'up') return;
    if (this.user === null)
      this.close(); // nothing was asked
    else this.user.reply(reply);
  }

  private down(reason: string): void {
    if (this.state === 'down') return;
    this.state = 'down';
    this.left(this);
    this.user?.down(reason);
  }
}
