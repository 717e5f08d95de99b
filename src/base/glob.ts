/**
 * Patterns of KEYS, SCAN, PSUBSCRIBE, CONFIG GET: `h?llo`, `h*llo`, `h[ae]llo`, `h[^a-c]llo`, `\*`.
 *
 *    pattern  u s e r : * : n a m e        a mismatch goes back to the last '*' and lets it take one byte more;
 *    text     u s e r : 1 2 : n a m e      an earlier '*' never has to: whatever it could gain, the last one can
 *                       ▔▔▔
 *
 * So the time is at most pattern × text, and nothing recurses. The oddities are those of Redis, because users see them:
 * a lone '*' does not match the empty text, a pattern of more than a thousand '*' matches nothing, a class that is not
 * closed ends with the pattern, an escaped letter in a class keeps its case, and bytes above 127 are below zero in a
 * range.
 *
 * HOT for KEYS and SCAN: nothing is allocated by `matches`.
 */

const STAR = 0x2a;
const ANY = 0x3f; //     ?
const OPEN = 0x5b; //    [
const CLOSE = 0x5d; //   ]
const NOT = 0x5e; //     ^
const DASH = 0x2d;
const ESCAPE = 0x5c; //  \

/** Redis counts the depth of its recursion, and gives up. */
const STARS_MAX = 1000;

export class Glob {
  private readonly anyCase: boolean;
  /** Where the pattern goes on after the element that was compared last. */
  private next = 0;

  constructor(
    private readonly pattern: Uint8Array,
    casing: 'exact' | 'any-case' = 'exact',
  ) {
    this.anyCase = casing === 'any-case';
  }

  matches(text: Uint8Array, at = 0, length = text.length - at): boolean {
    const { pattern } = this;
    const end = at + length;
    if (length === 0) return pattern.length === 0;
    let p = 0; // place in the pattern
    let t = at; // place in the text
    let starNext = -1; // what follows the last '*', −1 before there was one
    let starTook = 0; // and up to where that '*' has eaten the text
    let stars = 0;
    for (;;) {
      if (p < pattern.length && t < end) {
        if (pattern[p] === STAR) {
          p = this.skipStars(p);
          if (p === pattern.length) return true;
          if (++stars > STARS_MAX) return false;
          starNext = p;
          starTook = t;
          continue;
        }
        if (this.takes(p, text[t])) {
          p = this.next;
          if (++t === end && this.skipStars(p) === pattern.length) return true;
          continue;
        }
      }
      if (starNext < 0 || ++starTook === end) return false;
      p = starNext;
      t = starTook;
    }
  }

  private skipStars(p: number): number {
    while (this.pattern[p] === STAR) p++;
    return p;
  }

  /** Compares one byte with the element at p, and leaves in `next` where the element ends. */
  private takes(p: number, byte: number): boolean {
    const { pattern } = this;
    switch (pattern[p]) {
      case ANY:
        this.next = p + 1;
        return true;
      case OPEN:
        return this.classTakes(p + 1, byte);
      case ESCAPE:
        if (p + 1 < pattern.length) p++;
    }
    this.next = p + 1;
    return pattern[p] === byte || (this.anyCase && lower(pattern[p]) === lower(byte));
  }

  private classTakes(p: number, byte: number): boolean {
    const { pattern } = this;
    const { length } = pattern;
    const negated = pattern[p] === NOT;
    if (negated) p++;
    let found = false;
    for (; p < length && pattern[p] !== CLOSE; p++) {
      if (pattern[p] === ESCAPE && p + 1 < length) {
        p++;
        found ||= pattern[p] === byte;
      } else if (p + 2 < length && pattern[p + 1] === DASH) {
        found ||= this.rangeTakes(signed(pattern[p]), signed(pattern[p + 2]), signed(byte));
        p += 2;
      } else {
        found ||= pattern[p] === byte || (this.anyCase && lower(pattern[p]) === lower(byte));
      }
    }
    this.next = Math.min(p + 1, length); // without its ']', the class ends with the pattern
    return found !== negated;
  }

  /** The ends change places before they change case: so does Redis, and `[Z-a]` is empty in any case. */
  private rangeTakes(from: number, to: number, c: number): boolean {
    const low = Math.min(from, to);
    const high = Math.max(from, to);
    if (!this.anyCase) return c >= low && c <= high;
    const folded = lowerSigned(c);
    return folded >= lowerSigned(low) && folded <= lowerSigned(high);
  }
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/** A byte as the C char it is on x86. */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

/** tolower() of a signed char in glibc: of those below zero only −1 stays so. */
function lowerSigned(c: number): number {
  return c < -1 ? c + 256 : lower(c);
}
