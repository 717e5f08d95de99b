/** The allocator: whatever is asked for and given back, nobody's bytes are another's, and what it holds is not more
 *  than it must be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Arena } from '../../src/keyspace/arena.js';
import { tries } from '../support/tries.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const FIRST = MIB;
const WHOLE = 16 * MIB;

const bytesAt = (arena: Arena, addr: number, length: number): Uint8Array => {
  const from = (addr & 0x1fffff) << 3;
  return arena.u8[addr >>> 21]!.subarray(from, from + length);
};

interface Held {
  readonly addr: number;
  readonly length: number;
  readonly mark: number;
}

/** What is held is full of its owner's mark. */
class Owners {
  readonly arena = new Arena();
  readonly held: Held[] = [];

  alloc(length: number, mark: number): void {
    this.own(this.arena.alloc(length), length, mark);
  }

  realloc(which: number, length: number, mark: number): void {
    const old = this.take(which);
    const kept = Math.min(old.length, length);
    const addr = this.arena.realloc(old.addr, length, kept);
    this.check({ addr, length: kept, mark: old.mark });
    this.own(addr, length, mark);
  }

  free(which: number): void {
    this.arena.free(this.take(which).addr);
  }

  private own(addr: number, length: number, mark: number): void {
    bytesAt(this.arena, addr, length).fill(mark);
    this.held.push({ addr, length, mark });
  }

  private take(which: number): Held {
    const [one] = this.held.splice(which % this.held.length, 1) as [Held];
    this.check(one);
    return one;
  }

  private check({ addr, length, mark }: Held): void {
    expect(Buffer.alloc(length, mark).equals(bytesAt(this.arena, addr, length))).toBe(true);
  }
}

test('nobody writes over another, and in the end all is free', () => {
  const length = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 300 }) },
    { weight: 3, arbitrary: fc.integer({ min: 300, max: 20 * KIB }) },
    { weight: 2, arbitrary: fc.integer({ min: 20 * KIB, max: 2 * MIB }) },
    { weight: 1, arbitrary: fc.integer({ min: 4 * MIB - 1, max: 5 * MIB }) },
  );
  const step = fc.record({ how: fc.constantFrom('alloc', 'alloc', 'free', 'realloc'), which: fc.nat(), length });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const owners = new Owners();
      steps.forEach(({ how, which, length: bytes }, i) => {
        if (how === 'alloc' || owners.held.length === 0) owners.alloc(bytes, i + 1);
        else if (how === 'free') owners.free(which);
        else owners.realloc(which, bytes, i + 1);
      });
      while (owners.held.length > 0) owners.free(0);
      expect(owners.arena.used).toBe(0);
      expect(owners.arena.reserved).toBeLessThanOrEqual(FIRST + WHOLE); // the last slab of a size stays
    }),
    { numRuns: tries(100) },
  );
});

describe('what is reserved', () => {
  test('little, for who holds little', () => {
    const arena = new Arena();
    expect(arena.reserved).toBe(0);
    for (let i = 0; i < 10; i++) arena.alloc(100 * KIB);
    expect(arena.reserved).toBe(FIRST);
    arena.alloc(100 * KIB);
    expect(arena.reserved).toBe(FIRST + WHOLE);
    arena.reset();
    expect([arena.used, arena.reserved]).toEqual([0, 0]);
    arena.alloc(8);
    expect(arena.reserved).toBe(FIRST);
  });

  test.each([
    ['longer than the first segment', 3 * MIB, FIRST + WHOLE],
    ['with a segment of its own', 20 * MIB, FIRST + 20 * MIB],
  ])('the first thing that is asked for is %s', (_, bytes, reserved) => {
    const arena = new Arena();
    const addr = arena.alloc(bytes);
    bytesAt(arena, addr, bytes).fill(7);
    expect(arena.reserved).toBe(reserved);
    expect(arena.alloc(8)).toBeLessThan(1 << 18); // there is room before it
    arena.free(addr);
    expect(bytesAt(arena, arena.alloc(100), 100)).toHaveLength(100);
  });

  test('the first segment ends where its memory does, though pieces of it are free', () => {
    const arena = new Arena();
    const held = Array.from({ length: 10 }, () => arena.alloc(100 * KIB));
    for (let i = 0; i < 10; i += 2) arena.free(held[i]!);
    const addr = arena.alloc(120 * KIB); // 500 KiB are free, and the 20 at the end
    expect([arena.reserved, bytesAt(arena, addr, 120 * KIB).length]).toEqual([FIRST + WHOLE, 120 * KIB]);
  });

  test('what comes and goes takes the same memory again', () => {
    const arena = new Arena();
    arena.free(arena.alloc(2 * MIB));
    const addr = arena.alloc(2 * MIB);
    bytesAt(arena, addr, 1).fill(77);
    arena.free(addr);
    expect([arena.reserved, arena.held]).toEqual([FIRST, FIRST + WHOLE]);
    expect(bytesAt(arena, arena.alloc(2 * MIB), 1)).toEqual(Uint8Array.of(77));
  });

  test("so does what is emptied as a whole; a segment of its own length is nobody else's", () => {
    const arena = new Arena();
    for (let i = 0; i < 20; i++) arena.alloc(2 * MIB);
    arena.alloc(5 * MIB);
    expect(arena.reserved).toBe(FIRST + 3 * WHOLE + 5 * MIB);
    arena.reset();
    expect([arena.reserved, arena.held]).toEqual([0, 3 * WHOLE]);
    for (let i = 0; i < 20; i++) arena.alloc(2 * MIB);
    expect(arena.held).toBe(FIRST + 3 * WHOLE);
  });

  test('what was not needed between two looks goes', () => {
    const arena = new Arena();
    const held = Array.from({ length: 20 }, () => arena.alloc(2 * MIB));
    arena.tidy();
    for (const addr of held) arena.free(addr);
    arena.tidy();
    expect(arena.held).toBe(FIRST + 3 * WHOLE);
    arena.free(arena.alloc(2 * MIB));
    arena.tidy();
    expect(arena.held).toBe(FIRST + WHOLE);
    arena.tidy();
    expect([arena.held, arena.reserved]).toEqual([FIRST, FIRST]);
  });
});
