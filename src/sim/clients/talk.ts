/**
 * A client's connection to one node, over the simulated network: requests out, replies in, in order.
 * The real client's reader of replies, so that the wire is tried too.
 */
import { encodeRequest, type Reply, ReplyReader } from '../../resp/reply-reader.js';
import type { End } from '../world/end.js';
import type { Network, Party } from '../world/network.js';
import type { Write } from './ledger.js';

/** null: the connection ended before an answer came. */
export type OnReply = (reply: Reply) => void;

export class Talk {
  isOver = false;
  private readonly waiting: OnReply[] = [];
  private readonly end: End;

  constructor(
    network: Network,
    party: Party,
    readonly host: string,
    readonly port: number,
    private readonly onOver: () => void,
  ) {
    const reader = new ReplyReader({
      onReply: (reply) => this.waiting.shift()?.(reply),
      onGarbage: () => this.close(),
    });
    this.end = network.connect(
      party,
      { host, port },
      {
        onUp: () => {},
        onBytes: (bytes) => reader.feed(Buffer.from(bytes)),
        onDown: () => this.over(),
      },
    );
  }

  /** `about` is what the world notes when the request is served. */
  ask(words: readonly string[], about: Write | null, onReply: OnReply): void {
    this.end.tag = about;
    this.waiting.push(onReply);
    this.end.write(encodeRequest(words));
  }

  /** The answers that are still to come are of no interest any more. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.end.close();
  }

  private over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onOver();
  }
}

/** What a write was about, seen from the node's end of the connection. */
export function writeBehind(end: End): Write | null {
  const tag = end.peer?.tag ?? null;
  return tag as Write | null;
}
