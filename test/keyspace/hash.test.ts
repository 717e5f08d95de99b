/** The slot that comes with the hash of a key: the same as that of slots/key-slot.ts, and no byte behind the key. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';
import { KeyHasher } from '../../src/keyspace/hash.js';
import { keySlot } from '../../src/slots/key-slot.js';
import { tries } from '../support/tries.js';

const hasher = new KeyHasher(0x1234_5678, 0x0fed_cba9);

/** Keys of few letters, so that braces meet. */
const keys = fc.array(fc.constantFrom(...Buffer.from('{}ab\x00\xff', 'latin1')), { maxLength: 12 });

test('whatever stands in front of a key and behind it, its slot is its own', () => {
  fc.assert(
    fc.property(keys, keys, keys, (before, key, behind) => {
      const buf = Buffer.from([...before, ...key, ...behind]);
      hasher.hash(buf, viewOf(buf), before.length, key.length);
      expect(hasher.slot).toBe(keySlot(Buffer.from(key), 0, key.length));
    }),
    { numRuns: tries(2000) },
  );
});

test.each(['x{y', '{', 'abcd{}ef', '{x}y'])('%s: the bytes behind it are not looked at, be they millions', (key) => {
  let last = -1;
  const buf = Buffer.from(`${key}and} more`);
  const watched = new Proxy(buf, {
    get(bytes, name) {
      last = Math.max(last, Number(name));
      return Reflect.get(bytes, name);
    },
  });
  hasher.hash(watched, viewOf(buf), 0, key.length);
  expect(last).toBeLessThan(key.length);
});
