/**
 * Bytes ⇄ packets, driven by the tables of packet-layout.ts.
 *
 *   link ──chunks──▶ PacketSplitter ──whole packets──▶ decodePacket ──▶ Packet
 *   link ◀──────────────── bytes ◀──────────────────── encodePacket ◀── Packet
 *
 * A peer may send anything, so a packet that cannot be read is a value (`Malformed`), not an exception. No stated
 * length is believed: each is compared with the bytes that are there, in numbers that cannot wrap at 2^32.
 *
 * A decoded packet shares no memory with the bytes it came from.
 */

import type { BodyKindOf, Layout, MessageName, RecordOf } from './packet-layout.js';
import {
  EXTENSION,
  EXTENSION_HEAD,
  EXTENSION_HEAD_SIZE,
  FAIL_BODY,
  FAIL_BODY_SIZE,
  GOSSIP_ENTRY,
  GOSSIP_ENTRY_SIZE,
  HEADER,
  HEADER_SIZE,
  MESSAGE_FLAG,
  MESSAGES,
  MODULE_HEAD,
  MODULE_HEAD_SIZE,
  PROTOCOL_VERSION,
  PUBLISH_HEAD,
  PUBLISH_HEAD_SIZE,
  SIGNATURE,
  UPDATE_BODY,
  UPDATE_BODY_SIZE,
} from './packet-layout.js';
import {
  ENTRY_RULES,
  FAIL_RULES,
  faultIn,
  isAddressText,
  type Malformed,
  type Rules,
  SENDER_RULES,
  UPDATE_RULES,
} from './wire/malformed.js';
import { copyOf, readRecord, readText, writeRecord, writeText } from './wire/record.js';

/** Who decodes wants to name the fault as well. */
export { describeMalformed, isNodeId, type Malformed } from './wire/malformed.js';

export type Header = RecordOf<typeof HEADER>;

/** What a sender says of itself. The rest of the header follows from type and body. */
export type Sender = Omit<
  Header,
  'signature' | 'totalLength' | 'version' | 'type' | 'count' | 'extensionCount' | 'reserved' | 'reservedFlags'
>;

export type GossipEntry = Omit<RecordOf<typeof GOSSIP_ENTRY>, 'reserved'>;

/** An unknown extension is carried, and skipped by who reads it: clusters of mixed versions have them. */
export type PingExtension =
  | { kind: 'hostname'; hostname: string }
  | { kind: 'unknown'; type: number; bytes: Uint8Array };

export type Body =
  | { kind: 'gossip'; entries: GossipEntry[]; extensions: PingExtension[] }
  | { kind: 'fail'; nodeId: string }
  | { kind: 'publish'; channel: Uint8Array; message: Uint8Array }
  | { kind: 'empty' }
  | { kind: 'update'; configEpoch: number; nodeId: string; slots: Uint8Array }
  | { kind: 'module'; moduleId: Uint8Array; messageType: number; payload: Uint8Array };

export type BodyOf<T extends MessageName> = Extract<Body, { kind: BodyKindOf<T> }>;

/** One member a message: `packet.type === 'FAIL'` tells the compiler what `packet.body` is. */
export type PacketOf<T extends MessageName> = { type: T; sender: Sender; body: BodyOf<T> };
export type Packet = { [T in MessageName]: PacketOf<T> }[MessageName];

export type Decoded = { ok: true; packet: Packet } | { ok: false; malformed: Malformed };

const TYPE_OFFSET = HEADER.find(([, , , name]) => name === 'type')?.[0] ?? 0;

/** The number of a packet's type, of a packet that is whole but was not decoded. */
export function typeNumberOf(packet: Uint8Array): number {
  return ((packet[TYPE_OFFSET] ?? 0) << 8) | (packet[TYPE_OFFSET + 1] ?? 0);
}

/** A body that was read, or why it could not be. */
type Read = { ok: true; body: Body } | { ok: false; malformed: Malformed };

export function encodePacket({ type, sender, body }: Packet): Uint8Array {
  const packet = new Uint8Array(HEADER_SIZE + bodySize(body));
  const extended = body.kind === 'gossip' && body.extensions.length > 0;
  writeRecord(HEADER, packet, 0, {
    ...sender,
    signature: SIGNATURE,
    totalLength: packet.length,
    version: PROTOCOL_VERSION,
    type: MESSAGES.findIndex(([name]) => name === type),
    count: body.kind === 'gossip' ? body.entries.length : 0,
    extensionCount: extended ? body.extensions.length : 0,
    messageFlags: sender.messageFlags | (extended ? MESSAGE_FLAG.extensions : 0),
  });
  writeBody(body, packet);
  return packet;
}

export function decodePacket(bytes: Uint8Array): Decoded {
  if (bytes.length < HEADER_SIZE) return refuse({ why: 'too-short', received: bytes.length });
  const header = readRecord(HEADER, bytes, 0);
  if (header.signature !== SIGNATURE) return refuse({ why: 'wrong-signature' });
  if (header.version !== PROTOCOL_VERSION) return refuse({ why: 'wrong-version', version: header.version });
  const message = MESSAGES[header.type];
  if (!message) return refuse({ why: 'unknown-type', type: header.type });

  const [type, kind] = message;
  if (header.totalLength !== bytes.length) {
    return refuse({ why: 'wrong-length', type, stated: header.totalLength, expected: bytes.length });
  }
  const {
    signature,
    totalLength,
    version,
    type: _,
    count,
    extensionCount,
    reserved,
    reservedFlags,
    ...sender
  } = header;
  const fault = faultIn(type, sender, SENDER_RULES);
  if (fault) return refuse(fault);
  const read = READERS[kind](type, header, bytes);
  if (!read.ok) return read;
  return { ok: true, packet: { type, sender, body: read.body } as Packet };
}

// ── bodies: size, bytes out, bytes in ───────────────────────────────────────
function bodySize(body: Body): number {
  switch (body.kind) {
    case 'gossip':
      return body.extensions.reduce(
        (size, extension) => size + extensionSize(extension),
        entriesSize(body.entries.length),
      );
    case 'fail':
      return FAIL_BODY_SIZE;
    case 'publish':
      return PUBLISH_HEAD_SIZE + body.channel.length + body.message.length;
    case 'empty':
      return 0;
    case 'update':
      return UPDATE_BODY_SIZE;
    case 'module':
      return MODULE_HEAD_SIZE + body.payload.length;
  }
}

function entriesSize(count: number): number {
  return count * GOSSIP_ENTRY_SIZE;
}

/** A host name takes its NUL with it; every extension fills up to a multiple of eight. */
function extensionSize(extension: PingExtension): number {
  const length = extension.kind === 'hostname' ? extension.hostname.length + 1 : extension.bytes.length;
  return EXTENSION_HEAD_SIZE + Math.ceil(length / 8) * 8;
}

function writeBody(body: Body, packet: Uint8Array): void {
  const at = HEADER_SIZE;
  switch (body.kind) {
    case 'gossip': {
      for (const [i, entry] of body.entries.entries()) writeRecord(GOSSIP_ENTRY, packet, at + entriesSize(i), entry);
      writeExtensions(body.extensions, packet, at + entriesSize(body.entries.length));
      break;
    }
    case 'fail':
      writeRecord(FAIL_BODY, packet, at, body);
      break;
    case 'publish': {
      const { channel, message } = body;
      writeRecord(PUBLISH_HEAD, packet, at, { channelLength: channel.length, messageLength: message.length });
      packet.set(channel, at + PUBLISH_HEAD_SIZE);
      packet.set(message, at + PUBLISH_HEAD_SIZE + channel.length);
      break;
    }
    case 'empty':
      break;
    case 'update':
      writeRecord(UPDATE_BODY, packet, at, body);
      break;
    case 'module': {
      writeRecord(MODULE_HEAD, packet, at, { ...body, payloadLength: body.payload.length });
      packet.set(body.payload, at + MODULE_HEAD_SIZE);
      break;
    }
  }
}

function writeExtensions(extensions: PingExtension[], packet: Uint8Array, at: number): void {
  for (const extension of extensions) {
    const length = extensionSize(extension);
    const type = extension.kind === 'hostname' ? EXTENSION.hostname : extension.type;
    writeRecord(EXTENSION_HEAD, packet, at, { length, type });
    const content = at + EXTENSION_HEAD_SIZE;
    if (extension.kind === 'hostname') writeText(extension.hostname, packet, content, length - EXTENSION_HEAD_SIZE);
    else packet.set(extension.bytes, content);
    at += length;
  }
}

type Reader = (type: MessageName, header: Header, bytes: Uint8Array) => Read;

const READERS: Record<Body['kind'], Reader> = {
  gossip: readGossip,
  fail: (type, _, bytes) => {
    if (bytes.length !== HEADER_SIZE + FAIL_BODY_SIZE) return wrongLength(type, bytes, FAIL_BODY_SIZE);
    return checked(type, FAIL_BODY, FAIL_RULES, bytes, (body) => ({ kind: 'fail', ...body }));
  },
  publish: readPublish,
  empty: (type, _, bytes) =>
    bytes.length === HEADER_SIZE ? { ok: true, body: { kind: 'empty' } } : wrongLength(type, bytes, 0),
  update: (type, _, bytes) => {
    if (bytes.length !== HEADER_SIZE + UPDATE_BODY_SIZE) return wrongLength(type, bytes, UPDATE_BODY_SIZE);
    return checked(type, UPDATE_BODY, UPDATE_RULES, bytes, (body) => ({ kind: 'update', ...body }));
  },
  module: readModule,
};

function readGossip(type: MessageName, header: Header, bytes: Uint8Array): Read {
  const { count } = header;
  if (HEADER_SIZE + entriesSize(count) > bytes.length) {
    return refuse({ why: 'entries-outside', type, stated: bytes.length, count });
  }
  const entries: GossipEntry[] = [];
  for (let i = 0; i < count; i++) {
    const { reserved, ...entry } = readRecord(GOSSIP_ENTRY, bytes, HEADER_SIZE + entriesSize(i));
    const fault = faultIn(type, entry, ENTRY_RULES);
    if (fault) return refuse(fault);
    entries.push(entry);
  }
  return readExtensions(type, header, bytes, entries);
}

/** The count is heeded only under its flag, as in Redis: older versions have no such field. */
function readExtensions(type: MessageName, header: Header, bytes: Uint8Array, entries: GossipEntry[]): Read {
  const extensions: PingExtension[] = [];
  const count = header.messageFlags & MESSAGE_FLAG.extensions ? header.extensionCount : 0;
  let at = HEADER_SIZE + entriesSize(entries.length);
  for (let i = 0; i < count; i++) {
    const room = bytes.length - at;
    if (room < EXTENSION_HEAD_SIZE) return refuse({ why: 'extension-outside', type, stated: bytes.length });
    const { length, type: extension } = readRecord(EXTENSION_HEAD, bytes, at);
    if (length < EXTENSION_HEAD_SIZE || length % 8 !== 0) return refuse({ why: 'extension-length', type, length });
    if (room < length) return refuse({ why: 'extension-outside', type, stated: bytes.length });
    const content = copyOf(bytes, at + EXTENSION_HEAD_SIZE, at + length);
    if (extension !== EXTENSION.hostname) extensions.push({ kind: 'unknown', type: extension, bytes: content });
    else if (content.at(-1) !== 0) return refuse({ why: 'extension-unterminated', type, extension });
    else extensions.push({ kind: 'hostname', hostname: readText(content, 0, content.length) });
    at += length;
  }
  if (at !== bytes.length) return wrongLength(type, bytes, at - HEADER_SIZE);
  const unfit = extensions.some((extension) => extension.kind === 'hostname' && !isAddressText(extension.hostname));
  if (unfit) return refuse({ why: 'bad-text', type, field: 'hostname' });
  return { ok: true, body: { kind: 'gossip', entries, extensions } };
}

function readPublish(type: MessageName, _: Header, bytes: Uint8Array): Read {
  if (bytes.length < HEADER_SIZE + PUBLISH_HEAD_SIZE) return wrongLength(type, bytes, PUBLISH_HEAD_SIZE);
  const { channelLength, messageLength } = readRecord(PUBLISH_HEAD, bytes, HEADER_SIZE);
  const expected = PUBLISH_HEAD_SIZE + channelLength + messageLength;
  if (bytes.length !== HEADER_SIZE + expected) return wrongLength(type, bytes, expected);
  const at = HEADER_SIZE + PUBLISH_HEAD_SIZE;
  const channel = copyOf(bytes, at, at + channelLength);
  return { ok: true, body: { kind: 'publish', channel, message: copyOf(bytes, at + channelLength, bytes.length) } };
}

function readModule(type: MessageName, _: Header, bytes: Uint8Array): Read {
  if (bytes.length < HEADER_SIZE + MODULE_HEAD_SIZE) return wrongLength(type, bytes, MODULE_HEAD_SIZE);
  const { moduleId, messageType, payloadLength } = readRecord(MODULE_HEAD, bytes, HEADER_SIZE);
  if (bytes.length !== HEADER_SIZE + MODULE_HEAD_SIZE + payloadLength) {
    return wrongLength(type, bytes, MODULE_HEAD_SIZE + payloadLength);
  }
  const payload = copyOf(bytes, HEADER_SIZE + MODULE_HEAD_SIZE, bytes.length);
  return { ok: true, body: { kind: 'module', moduleId, messageType, payload } };
}

function checked<L extends Layout>(
  type: MessageName,
  layout: L,
  rules: Rules,
  bytes: Uint8Array,
  bodyFrom: (record: RecordOf<L>) => Body,
): Read {
  const record = readRecord(layout, bytes, HEADER_SIZE);
  const fault = faultIn(type, record, rules);
  return fault ? refuse(fault) : { ok: true, body: bodyFrom(record) };
}

function wrongLength(type: MessageName, bytes: Uint8Array, expectedBody: number): { ok: false; malformed: Malformed } {
  return refuse({ why: 'wrong-length', type, stated: bytes.length, expected: HEADER_SIZE + expectedBody });
}

function refuse(malformed: Malformed): { ok: false; malformed: Malformed } {
  return { ok: false, malformed };
}
