/**
 * What `record.ts` wrote down, read back.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;
const linesOf = (file: string): string[] => readFileSync(join(HERE, file), 'utf8').trimEnd().split('\n');
const cellsOf = (line: string): string[] => line.split('\t').map((cell) => JSON.parse(cell) as string);

/** Name → value, of a server without configuration. */
export function recordedDefaults(): Map<string, string> {
  return new Map(
    linesOf('defaults.tsv').map((line) => {
      const [name, value] = line.split('\t');
      return [name!, value!];
    }),
  );
}

export interface RecordedSet {
  readonly value: string;
  /** `=value` or `!reason`. */
  readonly outcome: string;
}

export function recordedSets(): Map<string, RecordedSet[]> {
  const found = new Map<string, RecordedSet[]>();
  let current: RecordedSet[] = [];
  for (const line of linesOf('set.tsv')) {
    if (line.startsWith('\t')) {
      const [value, outcome] = cellsOf(line.slice(1));
      current.push({ value: value!, outcome: outcome! });
    } else found.set(line, (current = []));
  }
  return found;
}

export interface RecordedChange {
  readonly pairs: readonly string[];
  readonly reply: string;
  /** Of the directives in `WATCHED`. */
  readonly values: readonly string[];
}

export const WATCHED = ['timeout', 'maxmemory', 'hz', 'save', 'replica-priority', 'notify-keyspace-events'];

export function recordedChanges(): RecordedChange[] {
  const lines = linesOf('changes.tsv');
  const found: RecordedChange[] = [];
  for (let i = 0; i < lines.length; i += 3) {
    const [reply] = cellsOf(lines[i + 1]!.slice(1));
    found.push({ pairs: cellsOf(lines[i]!), reply: reply!, values: cellsOf(lines[i + 2]!.slice(1)) });
  }
  return found;
}

export function recordedRewrite(name: string): string {
  return readFileSync(join(HERE, 'rewrite', `${name}.conf`), 'latin1');
}

export interface RecordedStart {
  readonly name: string;
  readonly exit?: number;
  readonly stderr?: string;
  readonly values?: readonly (readonly [string, string])[];
}

export function recordedStarts(): RecordedStart[] {
  return JSON.parse(readFileSync(join(HERE, 'starts.json'), 'utf8')) as RecordedStart[];
}
