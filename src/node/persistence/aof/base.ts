/**
 * What the base of an append-only file is made of: an RDB, or commands (aof-use-rdb-preamble no).
 *
 * The directive may change while one is written: its name says of which form it is.
 */
import { AofWriter } from '../../../persistence/aof/aof-writer.js';
import { tempBaseName } from '../../../persistence/aof/manifest.js';
import type { Node } from '../../node.js';
import { baseAux, writerFor } from '../rdb-file.js';
import type { FileOrder } from '../snapshot-file.js';

export function baseForm({ config }: Node): 'rdb' | 'aof' {
  return config.aofUseRdbPreamble ? 'rdb' : 'aof';
}

export function baseOrder(node: Node): FileOrder {
  const { config, host } = node;
  const seconds = config.aofTimestampEnabled ? Math.floor(host.wallMs() / 1000) : null;
  const writer = config.aofUseRdbPreamble ? writerFor(node) : new AofWriter(seconds);
  return { writer, aux: () => baseAux(node), nameOf: tempBaseName, syncsAlong: config.aofRewriteIncrementalFsync };
}
