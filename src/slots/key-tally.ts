/**
 * Gathers the keys of a request, or of all commands of a transaction, into the facts that a redirection needs.
 *
 *    reset ─▶ add(key) ─▶ add(key) ─▶ …     slot · otherSlot · severalKeys
 *
 * HOT. One object for all requests of a node; it holds on to the bytes of the first key only until the next `reset`.
 * bench: MSET
 */

import { sameBytes } from '../base/bytes.js';
import { keySlot } from './key-slot.js';

const NOTHING = new Uint8Array(0);

export class KeyTally {
  /** Slot of the first key, −1 before there is one. */
  slot = -1;
  /** The first slot that differs from it, −1 while there is none. */
  otherSlot = -1;
  /** Two different keys or more. */
  severalKeys = false;
  private first: Uint8Array = NOTHING;
  private firstAt = 0;
  private firstLength = 0;

  reset(): void {
    this.slot = -1;
    this.otherSlot = -1;
    this.severalKeys = false;
    this.first = NOTHING;
  }

  add(bytes: Uint8Array, at: number, length: number): void {
    const slot = keySlot(bytes, at, length);
    if (this.slot < 0) {
      this.slot = slot;
      this.first = bytes;
      this.firstAt = at;
      this.firstLength = length;
      return;
    }
    if (slot !== this.slot) {
      if (this.otherSlot < 0) this.otherSlot = slot;
      this.severalKeys = true;
    } else if (!this.severalKeys) {
      this.severalKeys = length !== this.firstLength || !sameBytes(bytes, at, this.first, this.firstAt, length);
    }
  }
}
