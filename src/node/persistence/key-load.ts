/**
 * Keys on their way in, from a file of ours or from our primary: the loader, and what the log says of it: who wrote the
 * file, how old it is, and what came of it.
 *
 * INFO persistence shows the last one: keys loaded, keys dropped because their time had come.
 */
import { type Fed, type LoadOptions, type LoadTarget, RdbLoader } from '../../persistence/rdb-reader.js';
import type { Node } from '../node.js';

const MEGABYTE = 1024 * 1024;
/** Keys without members that are named in the log. */
const NAMED = 10;

export class KeyLoad {
  readonly loader: RdbLoader;
  private readonly isChecked: boolean;
  private hasSpoken = false;

  constructor(
    private readonly node: Node,
    target: LoadTarget,
    options: Pick<LoadOptions, 'isPrimary' | 'replaces' | 'expired'>,
  ) {
    const { config, dumps, engine } = node;
    this.isChecked = config.rdbchecksum && !dumps.skipsChecksum;
    this.loader = new RdbLoader(target, {
      ...options,
      checksum: this.isChecked,
      now: engine.now,
      skipped: (key) => this.skipped(key),
    });
    node.server.saving.makerBytes = 0;
  }

  feed(bytes: Uint8Array): Fed {
    const fed = this.loader.feed(bytes);
    if (fed.kind === 'more') this.speak();
    else if (fed.kind === 'done') this.done();
    return fed;
  }

  /** Some of it was loaded: what stands at its beginning is told once. */
  private speak(): void {
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
      node.server.saving.makerBytes = Number(memory) || 0;
      const megabytes = (Number(memory) / MEGABYTE).toFixed(2);
      node.log('notice', `RDB memory usage when created ${megabytes} Mb`);
    }
    if (aux.get('aof-base') === '1') node.log('notice', 'RDB is base AOF');
  }

  /** Only the first few are named: a file may be full of them. */
  private skipped(key: Uint8Array): void {
    if (this.loader.emptyKeysSkipped > NAMED) return;
    this.node.log('warning', `rdbLoadObject skipping empty key: ${Buffer.from(key).toString('latin1')}`);
  }

  private done(): void {
    const { node, loader } = this;
    this.speak();
    const { checksumMissing, keysLoaded, keysExpired, emptyKeysSkipped, libraries } = loader;
    if (checksumMissing && this.isChecked) {
      node.log('warning', 'RDB file was saved with checksum disabled: no check performed.');
    }
    node.server.saving.keysLoaded = keysLoaded;
    node.server.saving.keysExpired = keysExpired;
    const skipped = emptyKeysSkipped > 0 ? `, empty keys skipped: ${emptyKeysSkipped}` : '';
    const level = skipped === '' ? 'notice' : 'warning';
    node.log(level, `Done loading RDB, keys loaded: ${keysLoaded}, keys expired: ${keysExpired}${skipped}.`);
    if (libraries.size > 0)
      node.log('notice', `Libraries of functions: ${libraries.size}. They are kept, and cannot be called here.`);
  }
}
