/**
 * The file of the last save on its way into the databases, and what the log says where it is damaged.
 *
 * The file stays as it is in any case: redis-check-rdb says more of it.
 */
import { messageOf } from '../../base/host.js';
import type { Reload } from '../../commands/server/saving.js';
import { NOT_READ } from '../../persistence/rdb-layout.js';
import type { Fed, RdbLoader } from '../../persistence/rdb-reader.js';
import type { Node } from '../node.js';
import { KeyLoad } from './key-load.js';
import { type Load, type LoadStep, loadAtOnce } from './load.js';

const SHORT = 'Short read or OOM loading DB. Unrecoverable error, aborting now.';
/** Reasons that stand for themselves; behind them redis gives the system's words for a wrong argument. */
const NO_SUCH_FORMAT = Object.values(NOT_READ);

export class RdbLoad implements Load {
  loadedBytes = 0;
  /** What is wrong with the file; '' where nothing is. */
  trouble = '';
  private readonly keys: KeyLoad;

  constructor(
    private readonly node: Node,
    readonly path: string,
    readonly totalBytes: number,
    private readonly merge: boolean,
  ) {
    const { engine, isReplica, replication } = node;
    this.keys = new KeyLoad(node, engine, {
      isPrimary: !isReplica,
      replaces: merge,
      expired: (index, key) => replication.expiredWhileLoading(index, key, this.loader.aux),
    });
  }

  get loader(): RdbLoader {
    return this.keys.loader;
  }

  get loadedCount(): number {
    return this.loader.keysLoaded;
  }

  step(bytes: number): LoadStep {
    const part = this.node.host.files.readPart(this.path, this.loadedBytes, bytes);
    this.loadedBytes += part.length;
    return part.length === 0 ? this.failed(SHORT) : this.judge(this.keys.feed(part));
  }

  /** What stands behind the end is not ours. */
  private judge(fed: Fed): LoadStep {
    if (fed.kind === 'broken') return this.failed(fed.reason);
    return fed.kind === 'more' ? 'more' : this.keepLibraries();
  }

  private keepLibraries(): LoadStep {
    const { libraries } = this.node.server;
    const wrong = libraries.join(this.loader.libraries, this.merge ? 'replace' : 'append');
    return wrong === null ? 'done' : this.failed(`Failed loading library, ${wrong}`);
  }

  private failed(trouble: string): 'failed' {
    this.trouble = trouble;
    return 'failed';
  }

  describeTrouble(): string[] {
    return describeDamage(this.trouble, this.loader.bytesLoaded, this.path);
  }
}

/** The lines of the log that say why a file cannot be loaded; null: it breaks off. */
export function describeDamage(reason: string | null, offset: number, path: string): string[] {
  const trouble = reason ?? SHORT;
  if (NO_SUCH_FORMAT.some((words) => trouble.startsWith(words)))
    return [trouble, 'Fatal error loading the DB: Invalid argument. Exiting.'];
  if (trouble.startsWith('FATAL:')) return [trouble];
  const lines = trouble === SHORT || trouble.startsWith('Wrong RDB checksum') ? [trouble] : [];
  const what = trouble === SHORT ? 'Unexpected EOF reading RDB file' : lines.length > 0 ? 'RDB CRC error' : trouble;
  return [
    ...lines,
    `Internal error in RDB reading offset ${offset} -> ${what}`,
    '--- RDB ERROR DETECTED ---',
    `[offset ${offset}] ${what}`,
    `The file is as it was: sextet check-rdb ${path} tells more of it.`,
    'Terminating server after rdb file reading failure.',
  ];
}

/** DEBUG RELOAD: everything at once. False where the file cannot be loaded; the log says why. */
export function reloadNow(node: Node, { flush, merge }: Reload): boolean {
  const { config } = node;
  if (flush) node.server.emptyAll();
  const load = new RdbLoad(node, config.dbfilename, 0, merge);
  let isLoaded = false;
  try {
    isLoaded = loadAtOnce(node, load);
  } catch (error) {
    node.log('warning', `Fatal error loading the DB: ${messageOf(error)}.`);
    return false;
  }
  if (isLoaded) node.log('warning', 'DB reloaded by DEBUG RELOAD');
  else for (const line of load.describeTrouble().slice(0, -1)) node.log('warning', line);
  return isLoaded;
}
