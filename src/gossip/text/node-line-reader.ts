/**
 * Reads the words of one line of nodes.conf: a field that is not what it must be is a fault with its name.
 *
 * Numbers are digits and nothing else; an epoch stays below 2^53, a port below 2^16, a slot below 16,384.
 */

import type { SlotMove } from '../../slots/slot-moves.js';
import { SLOT_COUNT, type SlotRange } from '../../slots/slot-set.js';
import { FLAG_WORDS, NO_FLAGS } from './node-line.js';
import type { BusAddress, Health, NodeId, Role, SavedNode } from '../node-table.js';
import { FLAG } from '../packet-layout.js';
import { isAddressText, isNodeId } from '../wire/malformed.js';

export type LineFault =
  | { why: 'too-few-fields'; count: number }
  | { why: 'bad-field'; field: string; text: string }
  | { why: 'unknown-flag'; flag: string }
  | { why: 'two-roles' }
  | { why: 'primary-of-a-primary'; primaryId: NodeId };

export type ReadLine =
  | { ok: true; node: SavedNode; inHandshake: boolean; migrating: SlotMove<NodeId>[]; importing: SlotMove<NodeId>[] }
  | { ok: false; fault: LineFault };

const FIELD_COUNT = 8;
/** Files of Redis 3 and older have no bus port: it was the client port and this. */
const BUS_PORT_STEP = 10_000;
const PORT_MAX = 65_535;

export class NodeLineReader {
  private fault: LineFault | null = null;
  private readonly slots: SlotRange[] = [];
  private readonly migrating: SlotMove<NodeId>[] = [];
  private readonly importing: SlotMove<NodeId>[] = [];

  constructor(private readonly words: readonly string[]) {}

  read(): ReadLine {
    const { words } = this;
    if (words.length < FIELD_COUNT) return { ok: false, fault: { why: 'too-few-fields', count: words.length } };
    const flags = this.readFlags(words[2]!);
    const primaryId = words[3] === '-' ? null : this.nodeId('master', words[3]!);
    const node: SavedNode = {
      id: this.nodeId('node id', words[0]!),
      ...this.readAddress(words[1]!),
      myself: (flags & FLAG.myself) !== 0,
      role: this.roleIn(flags, primaryId),
      primaryId,
      health: healthIn(flags),
      noAddress: (flags & FLAG.noAddress) !== 0,
      noFailover: (flags & FLAG.noFailover) !== 0,
      pingSentMs: this.number('time of the ping', words[4]!),
      pongReceivedMs: this.number('time of the pong', words[5]!),
      configEpoch: this.number('config epoch', words[6]!),
      connected: this.linkState(words[7]!),
      slots: this.slots,
    };
    for (const word of words.slice(FIELD_COUNT)) this.readSlots(word);
    if (this.fault) return { ok: false, fault: this.fault };
    const { migrating, importing } = this;
    return { ok: true, node, inHandshake: (flags & FLAG.handshake) !== 0, migrating, importing };
  }

  /** Only the first fault counts: later ones may follow from it. */
  private refuse(fault: LineFault): void {
    this.fault ??= fault;
  }

  private bad(field: string, text: string): void {
    this.refuse({ why: 'bad-field', field, text });
  }

  private nodeId(field: string, text: string): NodeId {
    if (!isNodeId(text)) this.bad(field, text);
    return text;
  }

  private number(field: string, text: string): number {
    const value = readNumber(text);
    if (value === null) this.bad(field, text);
    return value ?? 0;
  }

  private linkState(text: string): boolean {
    if (text !== 'connected' && text !== 'disconnected') this.bad('link state', text);
    return text === 'connected';
  }

  /** `ip:port@busPort,hostname`; the address may have colons itself, and may be empty while nobody told it. */
  private readAddress(text: string): { address: BusAddress; hostname: string } {
    const comma = text.indexOf(',');
    const hostname = comma < 0 ? '' : text.slice(comma + 1);
    const address = comma < 0 ? text : text.slice(0, comma);
    const colon = address.lastIndexOf(':');
    if (colon < 0 || !isAddressText(address.slice(0, colon)) || !isAddressText(hostname)) this.bad('address', text);
    const [portText = '', busPortText, ...rest] = address.slice(colon + 1).split('@');
    const port = readNumber(portText);
    const busPort = busPortText === undefined ? (port ?? 0) + BUS_PORT_STEP : readNumber(busPortText);
    if (port === null || busPort === null || port > PORT_MAX || busPort > PORT_MAX || rest.length > 0) {
      this.bad('address', text);
    }
    return {
      address: { ip: address.slice(0, Math.max(colon, 0)), port: port ?? 0, busPort: busPort ?? 0, plainPort: 0 },
      hostname,
    };
  }

  private readFlags(text: string): number {
    let flags = 0;
    for (const word of text.split(',')) {
      const known = FLAG_WORDS.find(([name]) => name === word.toLowerCase());
      if (known) flags |= known[1];
      else if (word.toLowerCase() !== NO_FLAGS) this.refuse({ why: 'unknown-flag', flag: word });
    }
    return flags;
  }

  private roleIn(flags: number, primaryId: NodeId | null): Role {
    const primary = (flags & FLAG.primary) !== 0;
    if (primary && flags & FLAG.replica) this.refuse({ why: 'two-roles' });
    if (primary && primaryId !== null) this.refuse({ why: 'primary-of-a-primary', primaryId });
    if (primary) return 'primary';
    return flags & FLAG.replica ? 'replica' : 'unknown';
  }

  /** `7`, `7-9`, `[7->-id]` on its way out, `[7-<-id]` on its way in. */
  private readSlots(word: string): void {
    if (word.startsWith('[')) {
      this.readMove(word);
      return;
    }
    const [from = '', to = from, ...rest] = word.split('-');
    const range = { from: readNumber(from) ?? SLOT_COUNT, to: readNumber(to) ?? SLOT_COUNT };
    if (rest.length > 0 || range.from > range.to || range.to >= SLOT_COUNT) this.bad('slot range', word);
    else this.slots.push(range);
  }

  private readMove(word: string): void {
    const dash = word.indexOf('-');
    const slot = readNumber(word.slice(1, Math.max(dash, 1))) ?? SLOT_COUNT;
    const direction = word.slice(dash, dash + 3);
    const nodeId = word.slice(dash + 3, -1);
    if (slot >= SLOT_COUNT || !word.endsWith(']') || !isNodeId(nodeId)) this.bad('moving slot', word);
    else if (direction === '->-') this.migrating.push({ slot, with: nodeId });
    else if (direction === '-<-') this.importing.push({ slot, with: nodeId });
    else this.bad('moving slot', word);
  }
}

function healthIn(flags: number): Health {
  if (flags & FLAG.failed) return 'failed';
  return flags & FLAG.suspected ? 'suspected' : 'ok';
}

/** A safe integer of digits alone, else null. */
export function readNumber(text: string): number | null {
  if (text.length === 0 || text.length > 16) return null;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) return null;
  }
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}
