/**
 * What the doors to all types share: the ends of things that have an order, and who takes elements one by one.
 *
 *   LEFT ── head, lowest score          RIGHT ── tail, highest score          also the directions to walk
 */

export const LEFT = 0;
export const RIGHT = 1;
export type End = typeof LEFT | typeof RIGHT;

/** Whoever takes elements one by one: the reply writer, a file, a test. The bytes are good during the call. */
export interface Sink {
  bulk(u8: Uint8Array, view: DataView, off: number, len: number): void;
}
