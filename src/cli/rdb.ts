/**
 * `sextet rdb FILE`: the keys of an RDB file, for programs (`--json`, `--csv`), or what they are and which are the
 * largest, for people who ask where the memory went (`--stats`).
 *
 *   --json    an object a line: {"database":0,"slot":12182,"key":"foo","type":"string",…}
 *   --csv     a line of names, then a line a key
 *
 * `memory` is what MEMORY USAGE says of the key once it is loaded here, `bytes` what it takes in the file, `length` the
 * bytes of a string or the elements of everything else. A damaged file is listed up to the damage; the exit code is 1.
 */
import { isNoRdb, type RdbDamage, RdbFile, type RdbKey } from '../kit/rdb-file.js';
import { type Told, UsageError } from './arguments.js';
import { fileOf, walk } from './file-walk.js';
import { csvKey, jsonKey, jsonText } from './key-text.js';
import { RdbReport } from './rdb-report.js';
import type { Terminal } from './terminal.js';

const TOP = 10;

// biome-ignore format: a table
const COLUMNS: readonly (readonly [name: string, cellOf: (key: RdbKey) => string | number | null])[] = [
  ['database',    ({ database }) => database],
  ['slot',        ({ slot }) => slot],
  ['type',        ({ type }) => type],
  ['encoding',    ({ encoding }) => encoding],
  ['form',        ({ form }) => form],
  ['length',      ({ length }) => length],
  ['bytes',       ({ bytes }) => bytes],
  ['memory',      ({ memory }) => memory],
  ['expireAt',    ({ expireAt }) => expireAt],
  ['idleSeconds', ({ idleSeconds }) => idleSeconds],
  ['frequency',   ({ frequency }) => frequency],
  ['offset',      ({ offset }) => offset],
];

export async function runRdb(told: Told, terminal: Terminal): Promise<number> {
  const path = fileOf(told);
  const { json, csv, stats } = told;
  if ([json, csv, stats].filter((one) => one).length > 1) throw new UsageError('--json, --csv or --stats, not several');
  if (json) return list(path, jsonLine, terminal);
  if (!csv) return report(path, told.top ?? TOP, terminal);
  terminal.say(`${COLUMNS.map(([name]) => name).join(',')},key`);
  return list(path, csvLine, terminal);
}

async function list(path: string, lineOf: (key: RdbKey) => string, terminal: Terminal): Promise<number> {
  const file = new RdbFile(path, { key: (key) => terminal.say(lineOf(key)), note: () => {} });
  await walk(file, terminal);
  return verdict(file.damage, terminal);
}

function jsonLine(key: RdbKey): string {
  const members = COLUMNS.map(([name, cellOf]) => `"${name}":${jsonValue(cellOf(key))}`);
  return `{${jsonKey(key.key)},${members.join(',')}}`;
}

function jsonValue(value: string | number | null): string {
  return typeof value === 'string' ? jsonText(value) : String(value);
}

function csvLine(key: RdbKey): string {
  return `${COLUMNS.map(([, cellOf]) => cellOf(key) ?? '').join(',')},${csvKey(key.key)}`;
}

async function report(path: string, top: number, terminal: Terminal): Promise<number> {
  const text = new RdbReport(Date.now(), top);
  const file = new RdbFile(path, text);
  await walk(file, terminal);
  terminal.say(text.text(terminal));
  if (file.libraries > 0) terminal.say(`\nlibraries of functions: ${file.libraries}`);
  return verdict(file.damage, terminal);
}

const NO_RDB = 'This is no RDB file: it does not begin with REDIS. "sextet check-aof" reads logs.';

function verdict(damage: RdbDamage | null, terminal: Terminal): number {
  if (damage === null) return 0;
  if (isNoRdb(damage)) terminal.note(NO_RDB);
  else
    terminal.note(`The file is damaged at offset ${damage.offset}: ${damage.reason}. "sextet check-rdb" tells more.`);
  return 1;
}
