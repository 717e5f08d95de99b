/**
 * What is known of one server: what it says of itself, and what happened to who asked. The findings look at nothing
 * else, so a text that was captured anywhere can be judged.
 *
 *    INFO ───────────┐
 *    CLUSTER INFO ───┤
 *    CLUSTER NODES ──┼──▶ Patient ──▶ the rules beside this file ──▶ findings
 *    CONFIG GET ─────┤
 *    who knocked ────┘
 *
 * A field that a server does not have (another version, a managed service without CONFIG) is '' and speaks for nothing.
 */
import type { ClientAddress } from '../connection.js';
import type { NodeLine, View } from '../topology.js';

export type Fields = ReadonlyMap<string, string>;

/** How far who asked came. */
export type Access =
  | { readonly kind: 'open' }
  /** Nobody there, or nothing came back. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** It answered, and will not talk: the text of its error. */
  | { readonly kind: 'refused'; readonly text: string };

export interface Patient {
  readonly address: ClientAddress;
  readonly access: Access;
  /** We have a password, and it asks for none. */
  readonly isUnlocked: boolean;
  readonly info: Fields;
  readonly settings: Fields;
  readonly cluster: Fields;
  readonly view: View | null;
  /** Its clock minus ours, and by how much that may be wrong. */
  readonly clock: { readonly aheadMs: number; readonly errorMs: number } | null;
  /** Whether its bus port takes connections from here; null where nobody knocked. */
  readonly busAnswers: boolean | null;
}

/** `name:value` lines as INFO and CLUSTER INFO have them. */
export function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** `ip=10.0.0.1,port=7003,state=online,…`: the value of a `slave0` line. */
export function pairsOf(value: string): Fields {
  return new Map(value.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

export function field(fields: Fields, name: string): string {
  return fields.get(name) ?? '';
}

/** 0 where there is no such field. */
export function count(fields: Fields, name: string): number {
  return Number(fields.get(name) ?? 0);
}

export function placeOf({ host, port }: ClientAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Its own line in CLUSTER NODES. */
export function selfOf({ view }: Patient): NodeLine | null {
  return view?.lines.get(view.viewer) ?? null;
}

/** The addresses of the replicas that are linked to it, with what else it says of them. */
export function replicasOf(info: Fields): Fields[] {
  return Array.from({ length: count(info, 'connected_slaves') }, (_, i) => pairsOf(field(info, `slave${i}`)));
}

/** An address that a server named, from here: what calls itself 127.0.0.1 over there is not what is 127.0.0.1 here. */
export function fromHere(named: ClientAddress, teller: ClientAddress): ClientAddress {
  return isLoopback(named.host) ? { ...named, host: teller.host } : named;
}

const LOOPBACK = /^(127\.|::1$|localhost$)/;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
