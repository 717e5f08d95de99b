/**
 * One file of the append-only log on its way into the databases: an RDB, commands, or commands behind an RDB, as
 * versions before 7 wrote it.
 *
 *   bytes ─▶ REDIS…? ─▶ KeyLoad ─▶ what is left ─▶ AofReader ─▶ Replayer
 *                └ no ────────────────────────────────▲
 *
 * A last file that breaks off is cut to what is whole, if aof-load-truncated allows it. Zeros at its end count as
 * missing: a file system may leave them of an append that power failed in, and no command ends with one. An RDB may,
 * and keeps its own. Anything else that is wrong ends the load, and the file stays as it is.
 */
import { messageOf } from '../../../base/host.js';
import { AofReader, isRdb } from '../../../persistence/aof/aof-reader.js';
import type { Node } from '../../node.js';
import { KeyLoad } from '../key-load.js';
import { describeDamage } from '../rdb-load.js';
import { Replayer } from './replayer.js';

const HEAD_BYTES = 5;
/** How much is looked at in search of an end. */
const ZEROS_BYTES = 4096;
/** Commands between two looks at the clock. */
const COMMANDS_AT_ONCE = 256;

export type FileStep = 'more' | 'done' | 'failed';

export class FileLoad {
  readBytes = 0;
  /** Keys of an RDB and commands: what key-load-delay counts. */
  private commands = 0;
  /** Where the file ends, zeros left out. */
  private endsAt: number;
  private fileBytes = 0;
  private rdb: KeyLoad | null = null;
  private reader: AofReader | null = null;
  private readonly replayer: Replayer;

  constructor(
    private readonly node: Node,
    private readonly file: { readonly name: string; readonly path: string; readonly isLast: boolean },
  ) {
    this.replayer = new Replayer(node);
    this.endsAt = file.isLast && node.config.aofLoadTruncated ? this.withoutZeros() : Number.POSITIVE_INFINITY;
  }

  private withoutZeros(): number {
    const { files } = this.node.host;
    this.fileBytes = files.size(this.file.path) ?? 0;
    for (let end = this.fileBytes; end > 0; ) {
      const from = Math.max(0, end - ZEROS_BYTES);
      const part = files.readPart(this.file.path, from, end - from);
      let count = part.length;
      while (count > 0 && part[count - 1] === 0) count--;
      if (count > 0) return from + count;
      end = from;
    }
    return 0;
  }

  get loadedCount(): number {
    return this.commands + (this.rdb?.loader.keysLoaded ?? 0);
  }

  private log(text: string): 'failed' {
    this.node.log('warning', text);
    return 'failed';
  }

  /** Runs some of what was read, or reads up to so many bytes more. */
  step(bytes: number): FileStep {
    const { node, file, reader } = this;
    if (reader !== null) {
      const ran = this.runSome(reader);
      if (ran !== 'none') return ran;
    }
    let part: Uint8Array;
    try {
      const isInRdb = this.rdb !== null && reader === null;
      const end = isInRdb ? Number.POSITIVE_INFINITY : this.endsAt;
      const most = Math.min(Math.max(bytes, HEAD_BYTES), end - this.readBytes);
      part = node.host.files.readPart(file.path, this.readBytes, most);
    } catch (error) {
      return this.log(`Fatal error: can't open the append log file ${file.name} for reading: ${messageOf(error)}`);
    }
    if (this.readBytes === 0 && part.length > 0) this.begin(part);
    this.readBytes += part.length;
    return part.length === 0 ? this.end() : this.take(part);
  }

  private begin(head: Uint8Array): void {
    const { node } = this;
    if (!isRdb(head)) {
      this.reader = new AofReader(0);
      return;
    }
    const what = this.isOldStyle ? 'Reading RDB preamble from AOF file...' : 'Reading RDB base file on AOF loading...';
    node.log('notice', what);
    this.rdb = new KeyLoad(node, node.engine, { isPrimary: false }); // who expires is told by what follows
  }

  private get isOldStyle(): boolean {
    return this.file.name === this.node.config.appendfilename;
  }

  private take(part: Uint8Array): FileStep {
    const { rdb } = this;
    if (this.reader !== null) {
      this.reader.feed(part);
      return 'more';
    }
    const fed = rdb?.feed(part) ?? { kind: 'more' };
    if (fed.kind === 'more') return 'more';
    if (fed.kind === 'broken') return this.rdbFailed(fed.reason);
    const wrong = rdb === null ? null : this.node.server.libraries.join(rdb.loader.libraries, 'append');
    if (wrong !== null) return this.rdbFailed(`Failed loading library, ${wrong}`);
    if (this.isOldStyle) this.node.log('notice', 'Reading the remaining AOF tail...');
    this.beginTail(part.subarray(part.length - fed.rest));
    return 'more';
  }

  /** The RDB is complete: its own zeros are not missing, and those behind it are no commands. */
  private beginTail(rest: Uint8Array): void {
    const rdbEnd = this.readBytes - rest.length;
    this.endsAt = Math.max(this.endsAt, rdbEnd);
    this.readBytes = Math.min(this.readBytes, this.endsAt);
    this.reader = new AofReader(rdbEnd);
    this.reader.feed(rest.subarray(0, this.readBytes - rdbEnd));
  }

  private rdbFailed(reason: string | null): 'failed' {
    const { file, rdb, node } = this;
    const lines = describeDamage(reason, rdb?.loader.bytesLoaded ?? 0, file.path);
    for (const line of lines) node.log('warning', line);
    return 'failed';
  }

  private runSome(reader: AofReader): FileStep | 'none' {
    const { node, replayer } = this;
    const { engine } = node;
    const limit = node.config.keyLoadDelay > 0 ? 1 : COMMANDS_AT_ONCE;
    let unknown: string | null = null;
    let n = 0;
    engine.spareDead(true);
    for (; n < limit && unknown === null; n++) {
      const request = reader.next();
      if (request === null) break;
      unknown = replayer.run(request);
    }
    engine.spareDead(false);
    this.commands += n;
    if (unknown !== null) return this.unknown(unknown);
    if (reader.damage !== null) return this.badFormat();
    return n === 0 ? 'none' : 'more';
  }

  private unknown(name: string): 'failed' {
    return this.log(`Unknown command '${name}' reading the append only file ${this.file.name}`);
  }

  private badFormat(): 'failed' {
    const advice = 'make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>';
    return this.log(`Bad file format reading the append only file ${this.file.name}: ${advice}`);
  }

  // ── the end of the file ───────────────────────────────────────────────────

  private end(): FileStep {
    const { reader, rdb, file } = this;
    if (rdb !== null && reader === null) return this.rdbFailed(null);
    const damage = reader?.end() ?? null;
    if (damage === null) return this.endsAt < this.fileBytes ? this.breaksOff(reader?.validUpTo ?? 0) : 'done';
    if (damage.why !== 'truncated') return this.badFormat();
    if (damage.missing === 'exec') this.log(`Revert incomplete MULTI/EXEC transaction in AOF file ${file.name}`);
    return this.breaksOff(reader?.validBeforeMulti ?? 0);
  }

  private breaksOff(validUpTo: number): FileStep {
    const { node, file } = this;
    const { name } = file;
    if (!node.config.aofLoadTruncated) {
      const first = '1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. ';
      const second =
        "2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.";
      return this.log(`Unexpected end of file reading the append only file ${name}. You can: ${first}${second}`);
    }
    this.log(`!!! Warning: short read while loading the AOF file ${name}!!!`);
    if (!file.isLast) return this.log('Fatal error: the truncated file is not the last file');
    this.log(`!!! Truncating the AOF ${name} at offset ${validUpTo} !!!`);
    try {
      node.host.files.truncate(file.path, validUpTo);
    } catch (error) {
      return this.log(`Error truncating the AOF file ${name}: ${messageOf(error)}`);
    }
    this.log(`AOF ${name} loaded anyway because aof-load-truncated is enabled`);
    return 'done';
  }
}
