/**
 * RDB files and nodes.conf that were damaged: bits turned, the end lost, both.
 *
 *   RDB          with its checksum a damaged file is never loaded: it is broken, or not complete. Without the checksum
 *                it may be; then what was loaded can be walked, and looking through it finds the same as loading
 *   nodes.conf   is refused with a reason, or is read; then what is written of it is read again as the same
 */
import { viewOf } from '../../../src/base/bytes.js';
import { Crc64 } from '../../../src/base/crc64.js';
import { describeConfFault, formatNodesConf, parseNodesConf } from '../../../src/gossip/nodes-conf.js';
import { RdbInspector, type Visitor } from '../../../src/persistence/inspect/inspector.js';
import { seeded } from '../../golden/chance.mjs';
import { Commander } from '../../support/commander.js';
import { contentOf } from '../content.js';
import { type Fed, RdbLoader } from '../../../src/persistence/rdb-reader.js';
import { feedAll } from '../files.js';
import { type Chance, damage, pick, upTo } from './mutations.js';
import { payloads } from './payloads.js';

const PIECES = [64, 1000, 1 << 20];
/** Few databases: all slots of each are walked. */
const DATABASES = 4;
/** What stops loading, and not who only looks. */
const EXCUSES = ['RDB has duplicated key', 'cannot be loaded', 'FATAL: Data file was created', 'module data'];

/** An inspector makes an arena of its own, which takes longer than all the rest. */
const INSPECTED_EACH = 8;
/** Directories of databases stay when their keys go. */
const KEPT_BYTES = DATABASES * (1 << 18);

interface Loaded {
  readonly kind: Fed['kind'];
  readonly reason: string;
  readonly content: string;
}

interface FilesTried {
  broken: number;
  incomplete: number;
  /** Loaded although damaged: only without a checksum, or where no bit was turned. */
  loaded: number;
  longestMs: number;
}

/** One as 7.0 writes it, one of its release candidates. */
const LIBRARIES = Buffer.concat([
  Buffer.from([245, 17, ...Buffer.from('#!lua name=one\nxy')]),
  Buffer.from([246, 3, ...Buffer.from('two'), 3, ...Buffer.from('lua'), 1, 1, 100, 2, 120, 121]),
]);

/** A file with libraries, and a key of every form, in two databases, some of which die. */
function fileOfEverything(): Buffer {
  const aux = Buffer.from([250, 9, ...Buffer.from('redis-ver'), 6, ...Buffer.from('7.0.15')]);
  const keys = payloads().map(([, body], i) => {
    const key = Buffer.from(`key:${i}`);
    const select = i === 0 ? [254, 0, 251, 30, 10] : i === 12 ? [254, 3, 251, 10, 0] : [];
    const dies = i % 3 === 0 ? [252, 0, 0, 0, 0, 0, 1, 0, 0] : [];
    return Buffer.from([...select, ...dies, ...body.subarray(0, 1), key.length, ...key, ...body.subarray(1)]);
  });
  const bytes = Buffer.concat([Buffer.from('REDIS0010'), aux, LIBRARIES, ...keys, Buffer.of(255), Buffer.alloc(8)]);
  const crc = new Crc64();
  crc.update(bytes, viewOf(bytes), 0, bytes.length - 8);
  crc.write(viewOf(bytes), bytes.length - 8);
  return bytes;
}

export class FileFuzz {
  readonly tried: FilesTried = { broken: 0, incomplete: 0, loaded: 0, longestMs: 0 };
  private readonly file = fileOfEverything();
  private readonly server = new Commander(DATABASES);
  private readonly whole: string;

  constructor() {
    this.server.engine.observer = null;
    const { kind, reason, content } = this.load(this.file, true, 1 << 20);
    if (kind !== 'done') throw new Error(`the file itself is ${kind}: ${reason}`);
    this.whole = content;
  }

  round(seed: number): void {
    const chance = seeded(seed);
    const bytes = damage(this.file, chance);
    const checksum = chance() < 0.5;
    const loaded = this.load(bytes, checksum, pick(chance, PIECES));
    if (loaded.kind === 'broken') this.tried.broken++;
    else if (loaded.kind === 'more') this.tried.incomplete++;
    else this.tried.loaded++;
    if (checksum && loaded.kind === 'done' && loaded.content !== this.whole)
      throw new Error(`seed ${seed}: other data`);
    if (seed % INSPECTED_EACH === 0) this.compare(bytes, checksum, chance, seed, loaded);
  }

  private compare(bytes: Uint8Array, checksum: boolean, chance: Chance, seed: number, loaded: Loaded): void {
    const seen = feedAll(new RdbInspector(NOBODY, checksum), bytes, pick(chance, PIECES));
    // Whoever loads waits for the key of a value of no known type.
    const isEarly = loaded.kind === 'more' && seen.kind === 'broken' && seen.reason.startsWith('Invalid object type');
    const isExcused = isEarly || EXCUSES.some((words) => loaded.reason.includes(words));
    if (seen.kind !== loaded.kind && !isExcused)
      throw new Error(`seed ${seed}: loading says ${loaded.kind} ${loaded.reason}, looking says ${seen.kind}`);
  }

  private load(bytes: Uint8Array, checksum: boolean, size: number): Loaded {
    const { engine } = this.server;
    for (let i = 0; i < DATABASES; i++) engine.database(i).clear();
    if (engine.arena.used > KEPT_BYTES) throw new Error(`${engine.arena.used} bytes are left behind`);
    const startedAt = performance.now();
    const loader = new RdbLoader(engine, { checksum, now: 0, isPrimary: true });
    const fed = feedAll(loader, bytes, size);
    loader.abandon();
    this.tried.longestMs = Math.max(this.tried.longestMs, performance.now() - startedAt);
    // Where a checksum stopped it, nobody is going to see what was loaded before.
    const isSeen = fed.kind === 'done' || !checksum;
    const codes = [...loader.libraries.all].map(({ code }) => Buffer.from(code).toString('latin1'));
    const keys = isSeen ? contentOf(this.server.engine).map((each) => [...each].sort()) : [];
    const content = isSeen ? JSON.stringify([codes, keys]) : '';
    return { kind: fed.kind, reason: fed.kind === 'broken' ? fed.reason : '', content };
  }
}

const nothing = (): void => {};
const NOBODY: Visitor = {
  aux: nothing,
  database: nothing,
  key: nothing,
  foreignKey: nothing,
  emptyKey: nothing,
  extra: nothing,
};

export class ConfFuzz {
  readonly tried = { refused: 0, read: 0 };

  constructor(private readonly files: readonly Uint8Array[]) {}

  round(seed: number): void {
    const chance = seeded(seed);
    const file = pick(chance, this.files);
    const bytes = pick(chance, CONF_DAMAGES)(file, chance);
    const read = parseNodesConf(bytes);
    if (!read.ok) {
      this.tried.refused++;
      if (describeConfFault(read.fault) === '') throw new Error(`seed ${seed}: refused without a word`);
      return;
    }
    this.tried.read++;
    const written = formatNodesConf(read.saved);
    const again = parseNodesConf(Buffer.from(written, 'latin1'));
    if (!again.ok) throw new Error(`seed ${seed}: what was written is refused: ${describeConfFault(again.fault)}`);
    if (formatNodesConf(again.saved) !== written) throw new Error(`seed ${seed}: written otherwise the second time`);
  }
}

const CONF_DAMAGES: readonly ((bytes: Uint8Array, chance: Chance) => Uint8Array)[] = [
  damage,
  withOtherDigit,
  withRepetition,
  (bytes, chance) => withRepetition(damage(bytes, chance), chance),
];

/** A digit becomes another one: most of the file are numbers. */
function withOtherDigit(bytes: Uint8Array, chance: Chance): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const at = changed.findIndex((byte, i) => i >= chance() * changed.length && byte >= 0x30 && byte <= 0x39);
  if (at >= 0) changed[at] = 0x30 + upTo(chance, 10);
  return changed;
}

/** A shorter text over a longer one, or a page of the disk that came twice. */
function withRepetition(bytes: Uint8Array, chance: Chance): Uint8Array {
  const at = upTo(chance, bytes.length);
  const from = upTo(chance, bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from)]);
}
