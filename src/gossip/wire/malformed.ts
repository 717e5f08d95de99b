/**
 * What makes a packet unreadable, and the words for it.
 *
 * Beyond lengths there are two faults of content. A number above 2^53 cannot be kept exactly, and as an epoch it would
 * be a weapon. Names and addresses end up in nodes.conf and in replies, one node a line: a letter that could break such
 * a line is refused before anyone stores it. Redis trusts both.
 */

import { MESSAGES, type MessageName } from '../packet-layout.js';

export type Malformed =
  | { why: 'too-short'; received: number }
  | { why: 'wrong-signature' }
  | { why: 'wrong-version'; version: number }
  | { why: 'unknown-type'; type: number }
  | { why: 'wrong-length'; type: MessageName; stated: number; expected: number }
  | { why: 'entries-outside'; type: MessageName; stated: number; count: number }
  | { why: 'extension-outside'; type: MessageName; stated: number }
  | { why: 'extension-length'; type: MessageName; length: number }
  | { why: 'extension-unterminated'; type: MessageName; extension: number }
  | { why: 'number-too-large'; type: MessageName; field: string }
  | { why: 'bad-text'; type: MessageName; field: string };

/** In the words of Redis where it has some: they are what people search the log for. */
export function describeMalformed(malformed: Malformed): string {
  if (!('type' in malformed) || malformed.why === 'unknown-type') return describeAlien(malformed);
  const name = MESSAGES.find(([type]) => type === malformed.type)![2];
  switch (malformed.why) {
    case 'wrong-length':
      return `Received invalid ${name} packet of length ${malformed.stated} but expected length ${malformed.expected}`;
    case 'entries-outside':
      return (
        `Received invalid ${name} packet with gossip count ${malformed.count} ` +
        `that exceeds total packet length (${malformed.stated})`
      );
    case 'extension-outside':
      return `Received invalid ${name} packet with extension data that exceeds total packet length (${malformed.stated})`;
    case 'extension-length':
      return `Received a ${name} packet without proper padding (${malformed.length} bytes)`;
    case 'extension-unterminated':
      return `Received ${name} packet with missing null terminator in extension type ${malformed.extension}`;
    case 'number-too-large':
      return `Received invalid ${name} packet with ${malformed.field} above 2^53`;
    case 'bad-text':
      return `Received invalid ${name} packet with an unusable ${malformed.field}`;
  }
}

type Alien = Extract<Malformed, { why: 'too-short' | 'wrong-signature' | 'wrong-version' | 'unknown-type' }>;

function describeAlien(malformed: Alien): string {
  switch (malformed.why) {
    case 'too-short':
    case 'wrong-signature':
      return 'Bad message length or signature received from Cluster bus.';
    case 'wrong-version':
      return `Received packet of protocol version ${malformed.version}`;
    case 'unknown-type':
      return `Received unknown packet type: ${malformed.type}`;
  }
}

// ── what a field may hold, beyond fitting into its bytes ────────────────────
type Rule = 'safe' | 'id' | 'id-or-none' | 'address';
export type Rules = readonly (readonly [field: string, rule: Rule])[];

// biome-ignore format: a table
export const SENDER_RULES: Rules = [
  ['currentEpoch', 'safe'], ['configEpoch', 'safe'], ['replOffset', 'safe'],
  ['senderId', 'id'], ['primaryId', 'id-or-none'], ['ip', 'address'],
];
export const ENTRY_RULES: Rules = [
  ['nodeId', 'id'],
  ['ip', 'address'],
];
export const FAIL_RULES: Rules = [['nodeId', 'id']];
export const UPDATE_RULES: Rules = [
  ['configEpoch', 'safe'],
  ['nodeId', 'id'],
];

export function faultIn(type: MessageName, record: object, rules: Rules): Malformed | null {
  for (const [field, rule] of rules) {
    const value = (record as Record<string, unknown>)[field];
    // 2^53 bytes are nine petabytes of replication. A larger number is damage or an attack, and an epoch once adopted
    // is never lowered again: keep it out.
    if (rule === 'safe' && !Number.isSafeInteger(value)) return { why: 'number-too-large', type, field };
    if (rule !== 'safe' && !isFit(value as string, rule)) return { why: 'bad-text', type, field };
  }
  return null;
}

function isFit(text: string, rule: Exclude<Rule, 'safe'>): boolean {
  switch (rule) {
    case 'id':
      return isNodeId(text);
    case 'id-or-none':
      return text === '' || isNodeId(text);
    case 'address':
      return isAddressText(text);
  }
}

/** Redis makes ids of hexadecimal digits, and accepts all small letters. */
export function isNodeId(text: string): boolean {
  if (text.length !== 40) return false;
  for (let i = 0; i < 40; i++) {
    const c = text.charCodeAt(i);
    if (!((c >= 97 && c <= 122) || (c >= 48 && c <= 57))) return false;
  }
  return true;
}

/** What IPv4, IPv6 with a zone, and host names are made of. */
export function isAddressText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const alphanumeric = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57);
    if (!alphanumeric && !'.:-_%'.includes(text[i]!)) return false;
  }
  return true;
}
