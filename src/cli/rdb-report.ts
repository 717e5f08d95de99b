/**
 * What `sextet rdb --stats` says: a few sums, and tables of what takes the most memory.
 *
 *   what kinds of keys there are · the largest keys · names that begin alike · when keys die · the largest slots
 */
import type { RdbKey, RdbListener } from '../kit/rdb-file.js';
import { shownKey } from './key-text.js';
import { LIFETIMES, type Sum, Tally, tallyTable, weightOf } from './rdb-tally.js';
import type { Cell, Terminal } from './terminal.js';

const KEY_CHARS = 60;

/** The heaviest of many, without keeping the others. */
class Heaviest {
  private readonly kept: RdbKey[] = [];

  constructor(private readonly count: number) {}

  offer(key: RdbKey): void {
    const { kept, count } = this;
    const lightest = kept.at(-1);
    if (kept.length >= count && (lightest === undefined || weightOf(key) <= weightOf(lightest))) return;
    let at = kept.length;
    for (let one = kept[at - 1]; one !== undefined && weightOf(one) < weightOf(key); one = kept[at - 1]) at--;
    kept.splice(at, 0, { ...key, key: key.key.slice(0, KEY_CHARS + 1) });
    if (kept.length > count) kept.pop();
  }

  get all(): readonly RdbKey[] {
    return this.kept;
  }
}

export class RdbReport implements RdbListener {
  private readonly tally: Tally;
  private readonly heaviest: Heaviest;

  constructor(
    now: number,
    private readonly top: number,
  ) {
    this.tally = new Tally(now);
    this.heaviest = new Heaviest(top);
  }

  key(key: RdbKey): void {
    this.tally.add(key);
    this.tally.addDetails(key);
    this.heaviest.offer(key);
  }

  note(): void {}

  text(terminal: Terminal): string {
    const { tally, top } = this;
    const { keys, mortals, expired, bytes, memory } = tally;
    const sums = `${keys} keys, ${bytes} bytes in the file, ${memory} in memory; ${mortals} expire, ${expired} have`;
    if (keys === 0) return sums;
    const parts = [sums, tallyTable(tally, terminal)];
    if (top > 0) {
      parts.push(`the largest keys\n${this.keyTable(terminal)}`);
      parts.push(`by the beginning of the name\n${this.sumTable('begins with', this.prefixRows(), terminal)}`);
    }
    parts.push(`by when they expire\n${this.sumTable('expires', this.lifetimeRows(), terminal)}`);
    if (top > 0) parts.push(`the largest slots\n${this.slotTable(terminal)}`);
    return parts.join('\n\n');
  }

  private keyTable(terminal: Terminal): string {
    const head = ['memory', 'bytes', 'length', 'type', 'encoding', 'database', 'slot', 'key'];
    const rows = this.heaviest.all.map((one): Cell[] => [
      one.memory === null ? '-' : String(one.memory),
      String(one.bytes),
      one.length === null ? '-' : String(one.length),
      one.type,
      one.encoding ?? '-',
      String(one.database),
      String(one.slot),
      shownKey(one.key, KEY_CHARS),
    ]);
    return terminal.table(head, rows);
  }

  private prefixRows(): [string, Sum][] {
    const all = [...this.tally.prefixes].sort(([, a], [, b]) => b.memory - a.memory);
    return all.slice(0, this.top).map(([name, sum]) => [shownKey(Buffer.from(name, 'latin1'), KEY_CHARS), sum]);
  }

  private lifetimeRows(): [string, Sum][] {
    const names = [...LIFETIMES.map(([, name]) => name), 'never'];
    return names.flatMap((name): [string, Sum][] => {
      const sum = this.tally.lifetimes.get(name);
      return sum === undefined ? [] : [[name, sum]];
    });
  }

  private sumTable(title: string, rows: readonly [string, Sum][], terminal: Terminal): string {
    const cells = rows.map(([name, { keys, memory }]): Cell[] => [
      String(memory),
      share(memory, this.total),
      String(keys),
      name,
    ]);
    return terminal.table(['memory', 'of all', 'keys', title], cells);
  }

  private slotTable(terminal: Terminal): string {
    const { slotKeys, slotMemory } = this.tally;
    const slots = [...slotMemory.keys()].filter((slot) => slotKeys[slot] !== 0);
    slots.sort((a, b) => (slotMemory[b] ?? 0) - (slotMemory[a] ?? 0));
    const rows = slots.slice(0, this.top).map((slot): Cell[] => {
      const memory = slotMemory[slot] ?? 0;
      return [String(memory), share(memory, this.total), String(slotKeys[slot]), String(slot)];
    });
    return terminal.table(['memory', 'of all', 'keys', 'slot'], rows);
  }

  /** What all keys weigh together, those included of which only the file tells. */
  private get total(): number {
    let sum = 0;
    for (const { memory } of this.tally.kinds.values()) sum += memory;
    return sum;
  }
}

function share(part: number, all: number): string {
  return `${((100 * part) / all).toFixed(1)} %`;
}
