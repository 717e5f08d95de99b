import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Request } from '../../src/resp/request.js';
import { tries } from '../support/tries.js';

/** Few letters, so that many arguments are equal, or differ in one place. */
const word = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });

test('an argument is the same in another request if its bytes are', () => {
  fc.assert(
    fc.property(word, word, word, word, (before, one, behind, other) => {
      expect(Request.of(before, one, behind).sameAs(Request.of('', other), 1)).toBe(one === other);
    }),
    { numRuns: tries(2000) },
  );
});
