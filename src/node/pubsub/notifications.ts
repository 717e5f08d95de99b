/**
 * Keyspace notifications: changes of keys, published as messages to whoever listens at this node.
 *
 *   SET user:1 x   ─▶  __keyspace@0__:user:1  "set"         K of notify-keyspace-events
 *                  ─▶  __keyevent@0__:set     "user:1"      E
 *
 * Which classes of events are published is looked up by the number of the event. They stay at the node where the key
 * is: nothing goes over the bus. While the directive is empty the engine does not even ask (key-events/).
 */
import { EVENT_CLASS, EVENT_NAME } from '../../keyspace/events.js';
import { NOTIFY_BITS } from '../config/specials.js';

/** Where messages go to. */
export interface Publisher {
  readonly isHeard: boolean;
  broadcast(channel: string, message: Uint8Array): number;
}

const BITS: ReadonlyMap<string, number> = new Map(NOTIFY_BITS.map(([letter, bit]) => [letter, bit]));
const BY_KEY = bitOf('K');
const BY_EVENT = bitOf('E');
const NAMES: readonly Buffer[] = EVENT_NAME.map((name) => Buffer.from(name));

export class Notifications {
  /** Whether anything is published at all. */
  isOn = false;
  private byKey = false;
  private byEvent = false;
  /** By number of the event. */
  private wanted = new Uint8Array(EVENT_NAME.length);

  constructor(private readonly publisher: Publisher) {}

  /** The value of notify-keyspace-events. */
  follow(flags: number): void {
    this.byKey = (flags & BY_KEY) !== 0;
    this.byEvent = (flags & BY_EVENT) !== 0;
    this.wanted = Uint8Array.from(EVENT_CLASS, (letter) => ((flags & bitOf(letter)) !== 0 ? 1 : 0));
    this.isOn = (this.byKey || this.byEvent) && this.wanted.includes(1);
  }

  /** The key is `length` bytes from `offset` on. */
  happened(database: number, bytes: Uint8Array, offset: number, length: number, event: number): void {
    if (this.wanted[event] !== 1 || !this.publisher.isHeard) return;
    const key = Buffer.from(bytes.subarray(offset, offset + length));
    const name = NAMES[event] as Buffer;
    if (this.byKey) this.publisher.broadcast(`__keyspace@${database}__:${key.toString('latin1')}`, name);
    if (this.byEvent) this.publisher.broadcast(`__keyevent@${database}__:${EVENT_NAME[event]}`, key);
  }
}

function bitOf(letter: string): number {
  return BITS.get(letter) ?? 0;
}
