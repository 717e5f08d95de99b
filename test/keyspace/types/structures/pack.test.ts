/** Packs against an array of texts: every operation by place, and what a file or a client would see of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { viewOf } from '../../../../src/base/bytes.js';
import { Slice } from '../../../../src/base/slice.js';
import { HASH_PACK } from '../../../../src/keyspace/entry.js';
import { recordOf } from '../../../../src/keyspace/types/record.js';
import { checkListpack, writeListpackHeader } from '../../../../src/keyspace/types/structures/listpack.js';
import { EACH, PAIRS, type Packs } from '../../../../src/keyspace/types/structures/pack.js';
import { newEntry, newParts, slice } from '../helpers.js';
import { tries } from '../../../support/tries.js';

function contents(packs: Packs, r: number): string[] {
  const out = new Slice();
  const all: string[] = [];
  for (let p = 0; p < packs.end(r); all.push(out.toString())) p = packs.read(r, p, out);
  return all;
}

const text = fc.oneof(
  fc.integer({ min: -300, max: 70_000 }).map(String),
  fc.stringMatching(/^[ab]{0,3}$/),
  fc.integer({ min: 0, max: 5000 }).map((n) => 'z'.repeat(n)),
);
const step = fc.record({
  what: fc.constantFrom('insert', 'insert', 'append', 'replace', 'remove'),
  where: fc.nat(),
  many: fc.integer({ min: 1, max: 3 }),
  text,
});

test('random operations agree with an array (seed 51)', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { arena, values } = newParts();
      const { packs } = values;
      const before = arena.used;
      const e = newEntry(arena, HASH_PACK);
      const r = recordOf(arena, e);
      const model: string[] = [];
      for (const { what, where, many, text: value } of steps) {
        const index = where % (model.length + 1);
        const p = packs.seek(r, index);
        if (what === 'append') {
          packs.append(r, slice(value));
          model.push(value);
        } else if (what === 'insert') {
          expect(packs.insert(r, p, slice(value))).toBe(packs.seek(r, index + 1));
          model.splice(index, 0, value);
        } else if (what === 'replace' && index < model.length) {
          expect(packs.replace(r, p, slice(value))).toBe(packs.seek(r, index + 1));
          model[index] = value;
        } else if (what === 'remove' && index + many <= model.length) {
          packs.remove(r, p, many);
          model.splice(index, many);
        }
        expect(packs.count(r)).toBe(model.length);
        const first = model.indexOf(value);
        expect(packs.find(r, slice(value), EACH)).toBe(first < 0 ? -1 : packs.seek(r, first));
        const even = model.findIndex((other, i) => i % 2 === 0 && other === value);
        if (model.length % 2 === 0)
          expect(packs.find(r, slice(value), PAIRS)).toBe(even < 0 ? -1 : packs.seek(r, even));
      }
      expect(contents(packs, r)).toEqual(model);

      // As a whole listpack, out and in again.
      const entries = new Slice();
      packs.entries(r, entries);
      const whole = Buffer.concat([Buffer.alloc(6), entries.copy(), Buffer.alloc(1)]);
      expect(packs.size(r)).toBe(whole.length);
      writeListpackHeader(whole, viewOf(whole), entries.len, model.length);
      expect(checkListpack(whole, viewOf(whole), 0, whole.length)).toBe(model.length);
      const other = newEntry(arena, HASH_PACK);
      packs.adopt(recordOf(arena, other), whole, 6, whole.length - 7, model.length);
      expect(contents(packs, recordOf(arena, other))).toEqual(model);

      packs.clear(r);
      packs.clear(recordOf(arena, other));
      arena.free(e);
      arena.free(other);
      expect(arena.used).toBe(before);
    }),
    { seed: 51, numRuns: tries(100) },
  );
});
