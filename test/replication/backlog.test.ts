/**
 * The backlog, compared with one long string of everything that was ever written.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Backlog } from '../../src/replication/backlog.js';

const START = 1_000_000;

function readAll(backlog: Backlog, from: number): Buffer {
  const parts: Buffer[] = [];
  for (let place = from; place < backlog.end; ) {
    const part = backlog.read(place);
    parts.push(part);
    place += part.length;
  }
  return Buffer.concat(parts);
}

test('whatever is written and dropped, what is kept is the end of what was written', () => {
  const write = fc.record({ length: fc.integer({ min: 0, max: 40_000 }), lag: fc.integer({ min: 0, max: 200_000 }) });
  fc.assert(
    fc.property(fc.array(write, { maxLength: 30 }), fc.integer({ min: 1, max: 100_000 }), (writes, limit) => {
      const backlog = new Backlog(limit, START);
      let all = Buffer.alloc(0);
      writes.forEach(({ length, lag }, n) => {
        const bytes = Buffer.alloc(length + 2, n);
        backlog.append(bytes, 1, length + 1);
        all = Buffer.concat([all, bytes.subarray(1, length + 1)]);
        const needed = Math.max(backlog.first, backlog.end - lag);
        backlog.trim(needed);
        expect(backlog.end).toBe(START + all.length);
        expect(backlog.first).toBeLessThanOrEqual(needed);
        expect(backlog.length).toBeGreaterThanOrEqual(Math.min(limit, all.length));
        expect(readAll(backlog, backlog.first).equals(all.subarray(backlog.first - START))).toBe(true);
      });
    }),
  );
});

describe('its size', () => {
  const fill = (backlog: Backlog, bytes: number): void => {
    for (let i = 0; i < bytes; i += 1000) backlog.append(Buffer.alloc(1000, 7), 0, 1000);
  };

  test('is the limit and no more than a block beyond it', () => {
    const backlog = new Backlog(1 << 20, 0);
    fill(backlog, 5_000_000);
    backlog.trim(backlog.end);
    expect(backlog.length).toBeGreaterThanOrEqual(1 << 20);
    expect(backlog.length).toBeLessThanOrEqual((1 << 20) + (1 << 16));
  });

  test('grows while a replica lags, and goes back when it has read', () => {
    const backlog = new Backlog(1 << 20, 0);
    fill(backlog, 5_000_000);
    backlog.trim(0);
    expect(backlog.length).toBe(5_000_000);
    backlog.trim(4_900_000);
    expect(backlog.length).toBeLessThan(1_200_000);
  });
});

test('what was read never changes, whatever is written behind it', () => {
  const backlog = new Backlog(1 << 20, 0);
  backlog.append(Buffer.from('abc'), 0, 3);
  const early = backlog.read(0);
  backlog.append(Buffer.from('def'), 0, 3);
  expect(early.toString()).toBe('abc');
  expect(backlog.read(2).toString()).toBe('cdef');
});
