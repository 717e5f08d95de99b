/** Types of chance.mjs. */

/** Numbers in [0, 1). */
export function seeded(seed: number): () => number;
