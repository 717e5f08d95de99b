/**
 * Up to where a collection stays small: the directives of redis.conf that the types read, as plain numbers.
 *
 * One object a node; CONFIG SET writes into it, and the next operation sees it. What is already big stays big.
 */

export class TypeLimits {
  /** list-max-listpack-size: −1 to −5 mean 4 to 64 KiB a node, a positive number that many elements. */
  listMaxListpackSize = -2;
  /** DEBUG QUICKLIST-PACKED-THRESHOLD: elements from here on stand alone in their node. */
  listPackedThreshold = 1 << 30;
  hashMaxListpackEntries = 512;
  hashMaxListpackValue = 64;
  setMaxIntsetEntries = 512;
  zsetMaxListpackEntries = 128;
  zsetMaxListpackValue = 64;
}
