/**
 * What the log says of a file that is loaded: who wrote it, how old it is, and what came of it.
 *
 * INFO persistence shows the last one: keys loaded, keys dropped because their time had come.
 */
import type { RdbLoader } from '../../persistence/rdb-reader.js';
import type { Node } from '../node.js';

const MEGABYTE = 1024 * 1024;
/** Keys without members that are named in the log. */
const NAMED = 10;

export class LoadNotes {
  private hasSpoken = false;

  constructor(
    private readonly node: Node,
    private readonly loader: RdbLoader,
  ) {}

  /** Some of it was loaded: what stands at its beginning is told once. */
  fed(): void {
    const { node, loader } = this;
    if (this.hasSpoken || (loader.aux.size === 0 && loader.keysLoaded === 0)) return;
    this.hasSpoken = true;
    const { aux } = loader;
    const version = aux.get('redis-ver');
    if (version !== undefined) node.log('notice', `Loading RDB produced by version ${version}`);
    const made = aux.get('ctime');
    if (made !== undefined) {
      const age = Math.floor(node.host.wallMs() / 1000) - Number(made);
      node.log('notice', `RDB age ${Math.max(0, age)} seconds`);
    }
    const memory = aux.get('used-mem');
    if (memory !== undefined) {
      const megabytes = (Number(memory) / MEGABYTE).toFixed(2);
      node.log('notice', `RDB memory usage when created ${megabytes} Mb`);
    }
    if (aux.get('aof-base') === '1') node.log('notice', 'RDB is base AOF');
  }

  /** Only the first few are named: a file may be full of them. */
  skipped(key: Uint8Array): void {
    if (this.loader.emptyKeysSkipped > NAMED) return;
    this.node.log('warning', `rdbLoadObject skipping empty key: ${Buffer.from(key).toString('latin1')}`);
  }

  done(): void {
    const { node, loader } = this;
    this.fed();
    const { keysLoaded, keysExpired, emptyKeysSkipped } = loader;
    node.server.saving.keysLoaded = keysLoaded;
    node.server.saving.keysExpired = keysExpired;
    const skipped = emptyKeysSkipped > 0 ? `, empty keys skipped: ${emptyKeysSkipped}` : '';
    const level = skipped === '' ? 'notice' : 'warning';
    node.log(level, `Done loading RDB, keys loaded: ${keysLoaded}, keys expired: ${keysExpired}${skipped}.`);
  }
}
