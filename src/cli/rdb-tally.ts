/**
 * Sums over the keys of an RDB file: by database and type, by slot, by the beginning of their names, by when they die.
 *
 * Its size does not depend on how many keys there are: names of different beginnings are counted up to a bound, the
 * others together.
 */
import { SLOT_COUNT } from '../kit/plan.js';
import type { RdbKey } from '../kit/rdb-file.js';
import type { Cell, Terminal } from './terminal.js';

export interface Sum {
  keys: number;
  mortals: number;
  elements: number;
  /** In the file. */
  bytes: number;
  /** After loading. */
  memory: number;
}

/** Keys that are alike, and one of them. */
type Kind = Sum & { readonly example: RdbKey };

const MAX_PREFIXES = 20_000;
const MAX_PREFIX_BYTES = 64;
const COLON = 0x3a;
const OTHERS = '(others)';
const NO_PREFIX = '(no colon)';

const HOUR = 3_600_000;
/** When keys die: behind so many ms from now, each up to the next. */
// biome-ignore format: a table
export const LIFETIMES: readonly (readonly [upTo: number, name: string])[] = [
  [0,           'already expired'],
  [HOUR,        'within an hour'],
  [24 * HOUR,   'within a day'],
  [168 * HOUR,  'within a week'],
  [Number.POSITIVE_INFINITY, 'later'],
];

export class Tally {
  keys = 0;
  mortals = 0;
  expired = 0;
  bytes = 0;
  memory = 0;
  /** By database, type, encoding and form, in the order in which they were met. */
  readonly kinds = new Map<string, Kind>();
  readonly prefixes = new Map<string, Sum>();
  readonly lifetimes = new Map<string, Sum>();
  readonly slotKeys = new Uint32Array(SLOT_COUNT);
  readonly slotMemory = new Float64Array(SLOT_COUNT);

  /** Most keys are of the kind of the one before. */
  private last: Kind | null = null;

  constructor(private readonly now: number) {}

  add(key: RdbKey): void {
    this.keys++;
    this.bytes += key.bytes;
    this.memory += key.memory ?? 0;
    if (key.expireAt !== null) this.mortals++;
    if (key.expireAt !== null && key.expireAt < this.now) this.expired++;
    if (this.last === null || !isAlike(this.last.example, key)) this.last = this.kindOf(key);
    count(this.last, key);
  }

  private kindOf(key: RdbKey): Kind {
    const name = `${key.database} ${key.type} ${key.encoding} ${key.form}`;
    const known = this.kinds.get(name);
    if (known !== undefined) return known;
    const kind: Kind = { ...emptySum(), example: { ...key, key: new Uint8Array(0) } };
    this.kinds.set(name, kind);
    return kind;
  }

  /** What only some want to know. */
  addDetails(key: RdbKey): void {
    count(this.sumOf(this.prefixes, prefixOf(key.key)), key);
    count(this.sumOf(this.lifetimes, this.lifetimeOf(key)), key);
    this.slotKeys[key.slot] = (this.slotKeys[key.slot] ?? 0) + 1;
    this.slotMemory[key.slot] = (this.slotMemory[key.slot] ?? 0) + weightOf(key);
  }

  private sumOf(sums: Map<string, Sum>, name: string): Sum {
    const sum = sums.get(name);
    if (sum !== undefined) return sum;
    if (sums.size >= MAX_PREFIXES && name !== OTHERS) return this.sumOf(sums, OTHERS);
    const fresh = emptySum();
    sums.set(name, fresh);
    return fresh;
  }

  private lifetimeOf({ expireAt }: RdbKey): string {
    if (expireAt === null) return 'never';
    const left = expireAt - this.now;
    return LIFETIMES.find(([upTo]) => left < upTo)?.[1] ?? 'later';
  }
}

/** What a key takes, as far as that is known. */
export function weightOf({ memory, bytes }: RdbKey): number {
  return memory ?? bytes;
}

function isAlike(a: RdbKey, b: RdbKey): boolean {
  return a.database === b.database && a.rdbType === b.rdbType && a.type === b.type && a.encoding === b.encoding;
}

function emptySum(): Sum {
  return { keys: 0, mortals: 0, elements: 0, bytes: 0, memory: 0 };
}

function count(sum: Sum, key: RdbKey): void {
  sum.keys++;
  if (key.expireAt !== null) sum.mortals++;
  sum.elements += key.length ?? 0;
  sum.bytes += key.bytes;
  sum.memory += weightOf(key);
}

/** Up to the first colon, as latin1: `user:` of `user:17:name`. */
function prefixOf(key: Uint8Array): string {
  const at = key.subarray(0, MAX_PREFIX_BYTES).indexOf(COLON);
  return at < 0 ? NO_PREFIX : Buffer.from(key.subarray(0, at + 1)).toString('latin1');
}

const HEAD = ['database', 'type', 'encoding', 'form in the file', 'keys', 'expiring', 'length', 'bytes', 'memory'];

export function tallyTable(tally: Tally, terminal: Terminal): string {
  const rows = [...tally.kinds.values()].map(({ example, keys, mortals, elements, bytes, memory }): Cell[] => [
    `${example.database}`,
    example.type,
    example.encoding ?? '-',
    example.form,
    `${keys}`,
    `${mortals}`,
    `${elements}`,
    `${bytes}`,
    example.memory === null ? '-' : `${memory}`,
  ]);
  return terminal.table(HEAD, rows);
}
