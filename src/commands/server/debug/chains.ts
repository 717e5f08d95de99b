/**
 * How full the buckets of hash tables are, in the form in which Redis tells it (DEBUG HTSTATS).
 *
 * A database is many small tables, one a slot; they are reported as one.
 */
import { SEG_MASK, SEG_SHIFT } from '../../../keyspace/entry.js';
import type { TableOps } from '../../../keyspace/slot-table.js';

/** Longer chains are counted with the last one. */
const LONGEST = 50;

export interface Chains {
  buckets: number;
  elements: number;
  longest: number;
  /** How many chains have this length. */
  readonly ofLength: number[];
}

/** Of all tables together, counting only entries that `counts` wants. */
export function chainsOf(ops: TableOps, tables: readonly number[], counts: (e: number) => boolean): Chains {
  const chains: Chains = { buckets: 0, elements: 0, longest: 0, ofLength: new Array<number>(LONGEST).fill(0) };
  for (const t of tables) {
    for (let b = ops.bucketCount(t) - 1; b >= 0; b--) {
      const length = chainLength(ops, ops.bucketHead(t, b), counts);
      chains.buckets++;
      chains.elements += length;
      chains.longest = Math.max(chains.longest, length);
      chains.ofLength[Math.min(length, LONGEST - 1)]++;
    }
  }
  return chains;
}

function chainLength(ops: TableOps, first: number, counts: (e: number) => boolean): number {
  let length = 0;
  for (let e = first; e !== 0; e = ops.arena.i32[e >>> SEG_SHIFT][(e & SEG_MASK) << 1]) if (counts(e)) length++;
  return length;
}

export function describeChains(chains: Chains): string {
  const head = 'Hash table 0 stats (main hash table):\n';
  if (chains.elements === 0) return `${head}No stats available for empty dictionaries\n`;
  const used = chains.buckets - chains.ofLength[0];
  const average = (chains.elements / used).toFixed(2);
  const lines = [
    ` table size: ${chains.buckets}`,
    ` number of elements: ${chains.elements}`,
    ` different slots: ${used}`,
    ` max chain length: ${chains.longest}`,
    ` avg chain length (counted): ${average}`,
    ` avg chain length (computed): ${average}`,
    ' Chain length distribution:',
  ];
  chains.ofLength.forEach((count, length) => {
    if (count === 0) return;
    const share = ((count * 100) / chains.buckets).toFixed(2);
    lines.push(`   ${length === LONGEST - 1 ? '>= ' : ''}${length}: ${count} (${share}%)`);
  });
  return `${head}${lines.join('\n')}\n`;
}
