/**
 * Cuts the byte stream of one link into whole packets, whatever the sizes of its chunks.
 *
 *   chunks   ├──────┼───────────┼──┼──────────────┤
 *   packets  ├────────────┼──────────────┼────────┤     what is left waits in `pending`
 *
 * A wrong signature means that the stream is lost: no later byte can be trusted to start a packet. So the splitter
 * stays broken, says why, and its link must be closed.
 *
 * The stated length is not believed before the bytes are there: memory grows with what came, and a packet that wants
 * to be larger than its sender may send ends the link at its first eight bytes.
 */

import { viewOf } from '../base/bytes.js';
import { EXTENSION_HEAD_SIZE, GOSSIP_ENTRY_SIZE, HEADER_SIZE, SIGNATURE } from './packet-layout.js';
import { readText } from './wire/record.js';

/** Who the other end has proved to be, which decides how large its packets may be. */
export type Standing = 'stranger' | 'member';

/**
 * A stranger has nothing to say but MEET: a header, gossip of up to a thousand nodes (as many as Redis recommends at
 * most, and a tenth of them are sent), and a host name. A member may send what a client may PUBLISH, 512 MiB in a
 * channel and as much in a message.
 */
export const PACKET_LIMIT: Record<Standing, number> = {
  stranger: HEADER_SIZE + 1000 * GOSSIP_ENTRY_SIZE + EXTENSION_HEAD_SIZE + 256 + 64 * 1024,
  member: HEADER_SIZE + 2 * 512 * 1024 * 1024 + 1024,
};

export type BrokenStream =
  | { why: 'wrong-signature' }
  | { why: 'length-below-header'; stated: number }
  | { why: 'length-above-limit'; stated: number; limit: number };

/** Signature and length: enough to know how much must come. */
const PREFIX_SIZE = 8;
const FIRST_CAPACITY = 4096;
const NO_PACKETS: readonly Uint8Array[] = [];

export class PacketSplitter {
  broken: BrokenStream | null = null;
  private limit = PACKET_LIMIT.stranger;
  private pending = new Uint8Array(0);
  private pendingLength = 0;

  /** The link's other end is known now: larger packets may come. Never taken back. */
  trust(standing: Standing): void {
    this.limit = Math.max(this.limit, PACKET_LIMIT[standing]);
  }

  /** Bytes held for a packet that is not complete. */
  get heldBytes(): number {
    return this.pending.length;
  }

  /** The whole packets that end in this chunk: views, good until the chunk is overwritten or more is pushed. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.broken) return NO_PACKETS;
    const packets: Uint8Array[] = [];
    let at = 0;
    if (this.pendingLength > 0) {
      at = this.complete(chunk, packets);
      if (this.broken || this.pendingLength > 0) return packets;
    }
    while (chunk.length - at >= PREFIX_SIZE) {
      const length = this.lengthAt(chunk, at);
      if (this.broken) return packets;
      if (chunk.length - at < length) break;
      packets.push(chunk.subarray(at, at + length));
      at += length;
    }
    this.hold(chunk, at, chunk.length);
    return packets;
  }

  /** Takes from the chunk what the pending packet lacks; returns how much that was. */
  private complete(chunk: Uint8Array, packets: Uint8Array[]): number {
    let taken = 0;
    if (this.pendingLength < PREFIX_SIZE) {
      taken = Math.min(PREFIX_SIZE - this.pendingLength, chunk.length);
      this.hold(chunk, 0, taken);
      if (this.pendingLength < PREFIX_SIZE) return taken;
    }
    const length = this.lengthAt(this.pending, 0);
    if (this.broken) return taken;
    const end = Math.min(taken + length - this.pendingLength, chunk.length);
    this.hold(chunk, taken, end);
    if (this.pendingLength === length) {
      packets.push(this.pending.subarray(0, length));
      this.pending = new Uint8Array(0); // handed out: the next packet gets memory of its own
      this.pendingLength = 0;
    }
    return end;
  }

  private hold(chunk: Uint8Array, from: number, to: number): void {
    const length = this.pendingLength + to - from;
    if (length > this.pending.length) {
      const larger = new Uint8Array(Math.max(FIRST_CAPACITY, length, Math.min(this.pending.length * 2, this.limit)));
      larger.set(this.pending.subarray(0, this.pendingLength));
      this.pending = larger;
    }
    this.pending.set(chunk.subarray(from, to), this.pendingLength);
    this.pendingLength = length;
  }

  private lengthAt(bytes: Uint8Array, at: number): number {
    const stated = viewOf(bytes).getUint32(at + 4);
    if (readText(bytes, at, 4) !== SIGNATURE) this.broken = { why: 'wrong-signature' };
    else if (stated < HEADER_SIZE) this.broken = { why: 'length-below-header', stated };
    else if (stated > this.limit) this.broken = { why: 'length-above-limit', stated, limit: this.limit };
    return stated;
  }
}

export function describeBroken(broken: BrokenStream): string {
  if (broken.why !== 'length-above-limit') return 'Bad message length or signature received from Cluster bus.';
  return `Bad message length received from Cluster bus: ${broken.stated} bytes, where ${broken.limit} are allowed.`;
}
