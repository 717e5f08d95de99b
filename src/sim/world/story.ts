/**
 * What happened, told line by line, and a checksum of everything that did.
 *
 *      12.345  7004  Starting a failover election for epoch 7.            what a node logs
 *      12.345  7004  FAILOVER_AUTH_REQUEST epoch 7 → 7001 7002            what it says, heartbeats left out
 *      12.000   ·    the network is cut: 7001 | all others                what the world does to them
 *
 * A run that is only to be checked tells nothing: lines cost more than the run. The same seed can always be told later.
 */
import type { LogLevel } from '../../base/host.js';
import { decodePacket, type Packet } from '../../gossip/packet-codec.js';
import type { Machine } from './machine.js';

const SIGNATURE = 0x5243_6d62; // "RCmb"
const TYPE_AT = 12;
const HEARTBEATS = 3; // the first three types
const ID = /[0-9a-f]{40}/g;
const PRIME = 0x0100_0193;

export class Story {
  readonly lines: string[] = [];
  isTold = false;
  /** Of all bytes that arrived too, not of their number alone. */
  isThorough = false;
  private sum = 0x811c_9dc5 | 0;
  private lastSent: Uint8Array | null = null;
  private readonly names = new Map<string, string>();

  constructor(private readonly now: () => number) {}

  /** The same for the same run, and hardly ever for another one. */
  get checksum(): string {
    return (this.sum >>> 0).toString(16).padStart(8, '0');
  }

  /** Where the story stands: a run that differs anywhere before differs here. */
  mix(value: number): void {
    this.sum = Math.imul(this.sum ^ (value | 0), PRIME);
    this.sum = Math.imul(this.sum ^ ((this.now() * 1000) | 0), PRIME);
  }

  mixBytes(bytes: Uint8Array): void {
    if (this.isThorough) for (let i = 0; i < bytes.length; i++) this.sum = Math.imul(this.sum ^ (bytes[i] ?? 0), PRIME);
  }

  private mixText(text: string): void {
    for (let i = 0; i < text.length; i++) this.sum = Math.imul(this.sum ^ text.charCodeAt(i), PRIME);
  }

  // ── telling ───────────────────────────────────────────────────────────────

  /** From now on this id is shown as that machine's name. */
  call(id: string, name: string): void {
    this.names.set(id, name);
  }

  log(machine: Machine, level: LogLevel, text: string): void {
    this.mixText(text);
    if (this.isTold && level !== 'debug' && level !== 'verbose') this.tell(machine.name, text);
  }

  note(text: string): void {
    this.mixText(text);
    if (this.isTold) this.tell(' ·  ', text);
  }

  tell(who: string, text: string): void {
    this.lastSent = null;
    const stamp = (this.now() / 1000).toFixed(3).padStart(8);
    this.lines.push(`${stamp}  ${who}  ${this.readable(text)}`);
  }

  readable(text: string): string {
    return text.replace(ID, (id) => this.names.get(id) ?? `${id.slice(0, 8)}…`);
  }

  /** A packet left; the same one to several receivers is one line. */
  sent(from: string, to: string, bytes: Uint8Array): void {
    if (!this.isTold || !isPacket(bytes)) return;
    if (typeOf(bytes) < HEARTBEATS) return;
    if (this.lastSent === bytes) {
      this.lines[this.lines.length - 1] += ` ${to}`;
      return;
    }
    const decoded = decodePacket(bytes);
    this.tell(from, `${decoded.ok ? this.describe(decoded.packet) : 'a broken packet'} → ${to}`);
    this.lastSent = bytes;
  }

  private describe({ type, sender, body }: Packet): string {
    switch (body.kind) {
      case 'fail':
        return `${type} ${body.nodeId}`;
      case 'update':
        return `${type} about ${body.nodeId}, config epoch ${body.configEpoch}`;
      default:
        return `${type} epoch ${sender.currentEpoch}`;
    }
  }
}

export function isPacket(bytes: Uint8Array): boolean {
  return bytes.length >= 2256 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === SIGNATURE;
}

/** Of a whole packet: its number in gossip/packet-layout.ts. */
export function typeOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint16(TYPE_AT);
}
