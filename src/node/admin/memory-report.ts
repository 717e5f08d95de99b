/**
 * Where memory goes, for INFO memory and MEMORY STATS: our own accounting, beside what the process really takes.
 *
 *   used = base + clients + libraries + arena            arena = directories and headers of keys + what they hold
 *          └─────────── overhead ─────┘ + headers                   └──────── overhead ──────────┘   └─ dataset ─┘
 */
import { HEADER_BYTES } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Node } from '../node.js';

/** A time of death in an entry. */
const EXPIRE_BYTES = 8;

export interface DatabaseOverhead {
  readonly index: number;
  /** Slot tables and the heads of entries. */
  readonly main: number;
  /** Times of death, and their counts per slot. */
  readonly expires: number;
}

export interface MemoryReport {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  readonly clients: number;
  /** Libraries of functions. */
  readonly libraries: number;
  readonly overhead: number;
  readonly dataset: number;
  readonly datasetPercent: number;
  readonly peakPercent: number;
  readonly keyCount: number;
  readonly databases: readonly DatabaseOverhead[];
  readonly rss: number;
  /** Handed out to the accounts above, and held of the system for them. */
  readonly allocated: number;
  readonly active: number;
}

export function reportMemory(node: Node): MemoryReport {
  const { engine, memory } = node;
  const used = memory.usedBytes();
  const clients = memory.clientBytes();
  const startup = memory.baseBytes;
  const libraries = node.server.libraries.bytes;
  const databases = overheads(node);
  const beside = startup + clients + libraries;
  const overhead = databases.reduce((sum, { main, expires }) => sum + main + expires, beside);
  const dataset = Math.max(0, used - overhead);
  const net = Math.max(1, used - startup);
  return {
    used,
    peak: memory.peakBytes,
    startup,
    clients,
    libraries,
    overhead,
    dataset,
    datasetPercent: Math.min(100, (dataset * 100) / net),
    peakPercent: (used * 100) / memory.peakBytes,
    keyCount: engine.size,
    databases,
    rss: node.host.process.rssBytes(),
    allocated: used,
    active: beside + Math.max(engine.arena.reserved, engine.arena.used),
  };
}

function overheads({ engine }: Node): DatabaseOverhead[] {
  const found: DatabaseOverhead[] = [];
  for (let i = 0; i < engine.databaseCount; i++) {
    const db = engine.database(i);
    if (db.size > 0) found.push({ index: i, main: mainBytes(db), expires: expireBytes(db) });
  }
  return found;
}

function mainBytes(db: Database): number {
  return db.directoryBytes + db.size * HEADER_BYTES;
}

function expireBytes(db: Database): number {
  return db.mortalCount === 0 ? 0 : db.mortalCount * EXPIRE_BYTES;
}

const UNITS = ['K', 'M', 'G', 'T', 'P'] as const;

/** As INFO's `_human` fields have it: 1.09M. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(2)}${UNITS[unit]}`;
}

/** Of two sizes; 0 where there is nothing to compare with. */
export function ratio(part: number, whole: number): string {
  return (whole === 0 ? 0 : part / whole).toFixed(2);
}
