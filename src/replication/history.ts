/**
 * Which stream of changes our data is made of, and how far it got: what PSYNC compares.
 *
 *   id, offset             our data is this stream up to this byte
 *   secondId, secondEnd    up to `secondEnd` it was that one: what we copied before we were promoted, or before our
 *                          own primary was
 *
 *      ──── secondId ────────┬──── secondId, of the old primary (lost) ──
 *                            └──── id ──────────▶ offset
 *                        secondEnd
 *
 * Offsets count bytes and never wrap. Those on the wire that ask for a byte are one higher: they name the first byte
 * wanted, counted from 1, and so does `secondEnd`.
 */
export const NO_ID = '0'.repeat(40);
const NO_OFFSET = -1;

export class History {
  id: string;
  offset = 0;
  secondId = NO_ID;
  secondEnd = NO_OFFSET;

  /** `drawId` makes 40 hex digits up. */
  constructor(private readonly drawId: () => string) {
    this.id = drawId();
  }

  /** A history that nobody else has a part of. */
  renew(): void {
    this.id = this.drawId();
    this.forgetSecond();
  }

  /** We were a replica and are a primary now: what comes from here on is ours alone, the past is shared. */
  branch(): void {
    this.secondId = this.id;
    this.secondEnd = this.offset + 1;
    this.id = this.drawId();
  }

  /** All data was replaced by somebody's snapshot. */
  adopt(id: string, offset: number): void {
    this.id = id;
    this.offset = offset;
    this.forgetSecond();
  }

  /** Our primary goes on under another id, and so do we: true if that is news. */
  continueAs(id: string): boolean {
    if (id === this.id) return false;
    this.secondId = this.id;
    this.secondEnd = this.offset + 1;
    this.id = id;
    return true;
  }

  forgetSecond(): void {
    this.secondId = NO_ID;
    this.secondEnd = NO_OFFSET;
  }
}
