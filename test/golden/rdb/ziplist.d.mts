/** Types of ziplist.mjs. */

export function little(first: number, n: number): Buffer;
export function ziplist(...entries: (string | bigint)[]): Buffer;
