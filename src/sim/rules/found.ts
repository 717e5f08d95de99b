/**
 * What stands under a key in a node's own memory: looked up directly, so that a node that may not serve can be asked.
 * Looking changes nothing that a client could see.
 */
import { viewOf } from '../../base/bytes.js';
import type { Node } from '../../node/node.js';

/** The value of a string, null where there is no such key. */
export function readDirectly(node: Node, key: string): string | null {
  const bytes = Buffer.from(key);
  const database = node.engine.database(0);
  const entry = database.peekBytes(bytes, viewOf(bytes), 0, bytes.length);
  if (entry === 0) return null;
  const from = database.valueOffset(entry);
  const value = database.bytes(entry).subarray(from, from + database.valueLength(entry));
  return Buffer.from(value).toString('latin1');
}
