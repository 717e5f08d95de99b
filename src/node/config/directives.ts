/**
 * The rows of the table, made into settings: one of each per node, found by name or by its old name.
 *
 * Here stands also what a value must fulfil beyond its kind: file names without a path, host names of certain letters,
 * templates that expand.
 */
import { ALIASES, DIRECTIVES, type DirectiveRow } from '../config-table.js';
import { NumberSetting, OneOf, SomeOf, Text, YesNo } from './kinds.js';
import { expandTitle } from './proc-title.js';
import type { Directive, Reading, Setting } from './setting.js';
import {
  Bind,
  Dir,
  type Folders,
  NotifyEvents,
  OomScores,
  OutputLimits,
  Percentiles,
  ReplicaOf,
  Save,
} from './specials.js';

type Check = (value: string) => string | null;

const isPath = (name: string): boolean => name.includes('/') || name.includes('\\');

const HOST_NAME_MAX = 255;

function checkHostName(name: string): string | null {
  if (name.length > HOST_NAME_MAX) return 'Hostnames must be less than 256 characters';
  for (const c of name) {
    const isFine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c === '-' || c === '.';
    if (!isFine) return 'Hostnames may only contain alphanumeric characters, hyphens or dots';
  }
  return null;
}

/** We have no allocator to move values for: what a Redis without its jemalloc says. */
const NO_DEFRAG =
  'Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc ' +
  'like the one shipped by default with the Redis source distribution';

const CHECKS = new Map<string, Check>([
  ['activedefrag', (word) => (word === 'yes' ? NO_DEFRAG : null)],
  ['dbfilename', (name) => (isPath(name) ? "dbfilename can't be a path, just a filename" : null)],
  ['appendfilename', (name) => checkName(name, 'appendfilename', 'filename')],
  ['appenddirname', (name) => checkName(name, 'appenddirname', 'dirname')],
  ['cluster-announce-hostname', checkHostName],
  ['proc-title-template', checkTitle],
]);

function checkName(name: string, directive: string, what: string): string | null {
  if (name === '') return `${directive} can't be empty`;
  return isPath(name) ? `${directive} can't be a path, just a ${what}` : null;
}

/** Only the server's own name is empty while we check, so a title must consist of more than that. */
function checkTitle(template: string): string | null {
  const sample = expandTitle(template, (name) => SAMPLE_TITLE.get(name) ?? null);
  return sample === null || sample === '' ? 'template format is invalid or contains unknown variables' : null;
}

const SAMPLE_TITLE = new Map([
  ['title', ''],
  ['listen-addr', '*:6379'],
  ['server-mode', ''],
  ['config-file', '-'],
  ['port', '6379'],
  ['tls-port', '0'],
  ['unixsocket', ''],
]);

function checkShutdown(words: readonly string[]): string | null {
  const both = words.includes('save') && words.includes('nosave');
  return both ? "shutdown options SAVE and NOSAVE can't be used simultaneously" : null;
}

type Correction = (value: bigint, reading: Reading) => bigint;

const HZ_MIN = 1n;
const HZ_MAX = 500n;
const BACKLOG_MIN = 16_384n;

/** Numbers that are corrected where others are refused. A file may name a smaller backlog, CONFIG SET may not. */
const CORRECTIONS = new Map<string, Correction>([
  ['hz', (hz) => (hz < HZ_MIN ? HZ_MIN : hz > HZ_MAX ? HZ_MAX : hz)],
  ['repl-backlog-size', (size, { inFile }) => (inFile || size > BACKLOG_MIN ? size : BACKLOG_MIN)],
]);

const noCheck: Check = () => null;

function specialOf(row: DirectiveRow, folders: Folders): Setting {
  switch (row[0]) {
    case 'bind':
      return new Bind(row);
    case 'client-output-buffer-limit':
      return new OutputLimits(row);
    case 'dir':
      return new Dir(folders);
    case 'latency-tracking-info-percentiles':
      return new Percentiles(row);
    case 'notify-keyspace-events':
      return new NotifyEvents();
    case 'oom-score-adj-values':
      return new OomScores(row);
    case 'replicaof':
      return new ReplicaOf();
    case 'save':
      return new Save(row);
    default:
      throw new Error(`no such special directive: ${row[0]}`);
  }
}

function settingOf(row: DirectiveRow, folders: Folders): Setting {
  const check = CHECKS.get(row[0]) ?? noCheck;
  switch (row[1]) {
    case 'yes/no':
      return new YesNo(row[2] === 'yes', check);
    case 'one of':
      return new OneOf(row);
    case 'some of':
      return new SomeOf(row, checkShutdown);
    case 'text':
    case 'text or none':
    case 'bytes or none':
      return new Text(row, check);
    case 'special':
    case 'special list':
      return specialOf(row, folders);
    default:
      return new NumberSetting(row, CORRECTIONS.get(row[0]) ?? ((value) => value));
  }
}

/** `hash-max-listpack-entries` becomes `hashMaxListpackEntries`. */
function fieldName(name: string): string {
  const [first, ...others] = name.replaceAll('_', '-').split('-');
  return first! + others.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function directiveOf(row: DirectiveRow, folders: Folders): Directive {
  const [name, kind, , , change, act] = row;
  const traits = change.split(' ');
  return {
    name,
    row,
    setting: settingOf(row, folders),
    field: fieldName(name),
    act,
    severalArgs: kind === 'special list' || kind === 'some of',
    live: traits.includes('live'),
    protected: traits.includes('protected'),
    busy: traits.includes('busy'),
    hidden: traits.includes('hidden'),
    secret: traits.includes('secret'),
  };
}

/** Name → directive, in the order of the table; an old name stands right behind the new one. */
export function makeDirectives(folders: Folders): ReadonlyMap<string, Directive> {
  const found = new Map<string, Directive>();
  for (const row of DIRECTIVES) {
    const directive = directiveOf(row, folders);
    found.set(row[0], directive);
    for (const [old, name] of ALIASES) if (name === row[0]) found.set(old, { ...directive, name: old });
  }
  return found;
}
