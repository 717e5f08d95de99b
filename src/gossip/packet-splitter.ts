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
 * to be larger than its sender may send ends the link at its first fourteen bytes.
 */

import { viewOf } from '../base/bytes.js';
import { SLOT_COUNT } from '../slots/slot-set.js';
import { GOSSIP_ENTRY_SIZE, HEADER_SIZE, MESSAGES, SIGNATURE } from './packet-layout.js';
import { readText } from './wire/record.js';

/** Who the other end has proved to be, which decides how large its packets may be. */
export type Standing = 'stranger' | 'member';

/** As many nodes as there are slots: more cannot be primaries, and gossip names each node once. */
const GOSSIP_MAX = HEADER_SIZE + SLOT_COUNT * GOSSIP_ENTRY_SIZE + 64 * 1024;

/**
 * A stranger has nothing to say but MEET: a header, gossip of up to a thousand nodes (as many as Redis recommends at
 * most, and a tenth of them are sent), and a few extensions. A member gossips of any cluster there can be, and may send
 * in a `message` what a client may PUBLISH: 512 MiB as a channel, and as much again.
 */
export const PACKET_LIMIT: Record<Standing, { gossip: number; message: number }> = {
  stranger: { gossip: HEADER_SIZE + 1000 * GOSSIP_ENTRY_SIZE + 64 * 1024, message: GOSSIP_MAX },
  member: { gossip: GOSSIP_MAX, message: HEADER_SIZE + 2 * 512 * 1024 * 1024 + 1024 },
};

export type BrokenStream =
  | { why: 'wrong-signature' }
  | { why: 'length-below-header'; stated: number }
  | { why: 'length-above-limit'; stated: number; limit: number };

/** Signature and length: enough to know how much must come. With the type it is known whether that is too much. */
const PREFIX_SIZE = 8;
const PREFIX_WITH_TYPE = 14;
/** The bodies whose length is up to a client. */
const MESSAGE_KINDS: readonly string[] = ['publish', 'module'];
const FIRST_CAPACITY = 4096;
const NO_PACKETS: readonly Uint8Array[] = [];

export class PacketSplitter {
  broken: BrokenStream | null = null;
  private limits = PACKET_LIMIT.stranger;
  private pending = new Uint8Array(0);
  private pendingLength = 0;

  /** The link's other end is known now: larger packets may come. Never taken back. */
  trust(): void {
    this.limits = PACKET_LIMIT.member;
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
      const length = this.lengthAt(chunk, at, chunk.length - at);
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
    const length = this.lengthAt(this.pending, 0, this.pendingLength);
    if (this.broken) return taken;
    const end = Math.min(taken + length - this.pendingLength, chunk.length);
    this.hold(chunk, taken, end);
    if (this.pendingLength === length) {
      packets.push(this.pending.subarray(0, length));
      this.pending = new Uint8Array(0); // handed out: the next packet gets memory of its own
      this.pendingLength = 0;
    } else this.lengthAt(this.pending, 0, this.pendingLength); // its type may have come by now
    return end;
  }

  private hold(chunk: Uint8Array, from: number, to: number): void {
    const length = this.pendingLength + to - from;
    if (length > this.pending.length) {
      const larger = new Uint8Array(
        Math.max(FIRST_CAPACITY, length, Math.min(this.pending.length * 2, this.limits.message)),
      );
      larger.set(this.pending.subarray(0, this.pendingLength));
      this.pending = larger;
    }
    this.pending.set(chunk.subarray(from, to), this.pendingLength);
    this.pendingLength = length;
  }

  /** The stated length of the packet that begins here, of which so many bytes are there. */
  private lengthAt(bytes: Uint8Array, at: number, available: number): number {
    const view = viewOf(bytes);
    const stated = view.getUint32(at + 4);
    const kind = available < PREFIX_WITH_TYPE ? 'publish' : MESSAGES[view.getUint16(at + 12)]?.[1];
    const limit = MESSAGE_KINDS.includes(kind ?? '') ? this.limits.message : this.limits.gossip;
    if (readText(bytes, at, 4) !== SIGNATURE) this.broken = { why: 'wrong-signature' };
    else if (stated < HEADER_SIZE) this.broken = { why: 'length-below-header', stated };
    else if (stated > limit) this.broken = { why: 'length-above-limit', stated, limit };
    return stated;
  }
}

export function describeBroken(broken: BrokenStream): string {
  if (broken.why !== 'length-above-limit') return 'Bad message length or signature received from Cluster bus.';
  return `Bad message length received from Cluster bus: ${broken.stated} bytes, where ${broken.limit} are allowed.`;
}
