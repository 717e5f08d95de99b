/**
 * What the toolbox can be told: one table of options, from which parsing, `--help` and the environment follow.
 *
 * Precedence: flag, then environment (`SEXTET_PORT`), then what the folder says, then the default. Nothing is guessed:
 * an unknown option, a number that is none, a word too many end with exit code 2.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { parseSetting, type Setting } from '../kit/redis-conf.js';
import { Trouble } from '../kit/trouble.js';

/** Told wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const COMMANDS = ['up', 'status', 'down', 'doctor', 'sim', 'check-rdb', 'check-aof', 'rdb'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** Commands that are told something without a name: what it is. */
const WITH_WORDS: readonly CommandName[] = ['doctor', 'sim', 'check-rdb', 'check-aof', 'rdb'];

const OF_FOLDERS = ['up', 'status', 'down', 'doctor'] as const;
const COLOURFUL = [...OF_FOLDERS, 'check-rdb', 'check-aof', 'rdb'] as const;

// biome-ignore format: a table
const OPTIONS = [
  // name        value     commands                  environment        what it does
  ['nodes',      'N',      ['up', 'sim'],            'SEXTET_NODES',    'how many nodes (6)'],
  ['replicas',   'R',      ['up', 'sim'],            'SEXTET_REPLICAS', 'replicas of each primary (1)'],
  ['port',       'P',      ['up', 'doctor'],         'SEXTET_PORT',     'first of the neighbouring ports (7000; 0: any); doctor: of any node'],
  ['password',   'P',      ['doctor'],               'SEXTET_PASSWORD', 'of the nodes (that of the folder)'],
  ['dir',        'D',      OF_FOLDERS,               'SEXTET_DIR',      'folder of the cluster (sextet-data)'],
  ['config',     'k=v',    ['up'],                   null,              'a line of redis.conf for all nodes; may be given again'],
  ['detach',     null,     ['up'],                   null,              'give the terminal back and leave the nodes running'],
  ['json',       null,     ['status', 'doctor', 'rdb'], 'SEXTET_JSON', 'the answer as JSON; of keys, an object a line'],
  ['csv',        null,     ['rdb'],                  null,              'the keys as CSV'],
  ['stats',      null,     ['rdb'],                  null,              'what the keys are, and the largest (default)'],
  ['top',        'N',      ['rdb'],                  null,              'how many of the largest (10)'],
  ['fix',        null,     ['check-aof'],            null,              'cut the last file behind its sound part; asks first'],
  ['truncate-to-timestamp', 'SECONDS', ['check-aof'], null,              'cut what was written later'],
  ['no-color',   null,     COLOURFUL,                null,              'plain text; so does NO_COLOR'],
  ['seeds',      'N',      ['sim'],                  'SEXTET_SEEDS',    'how many worlds (200)'],
  ['from',       'N',      ['sim'],                  null,              'the first seed (1)'],
  ['seed',       'N',      ['sim'],                  null,              'only this one, with its story'],
  ['minutes',    'N',      ['sim'],                  null,              'how long things go wrong, in virtual minutes (half of one)'],
  ['help',       null,     COMMANDS,                 null,              'this text'],
] as const;

type OptionName = (typeof OPTIONS)[number][0];

export interface Told {
  readonly nodes: number | null;
  readonly replicas: number | null;
  readonly port: number | null;
  readonly seeds: number | null;
  readonly from: number | null;
  readonly seed: number | null;
  readonly minutes: number | null;
  readonly top: number | null;
  /** --truncate-to-timestamp. */
  readonly until: number | null;
  /** What stands without a name: `story failover`, or a file. */
  readonly words: readonly string[];
  readonly dir: string;
  readonly password: string | null;
  readonly settings: readonly Setting[];
  readonly detach: boolean;
  readonly fix: boolean;
  readonly json: boolean;
  readonly csv: boolean;
  readonly stats: boolean;
  readonly help: boolean;
  readonly plain: boolean;
}

const DEFAULT_DIR = 'sextet-data';
const MAX_NODES = 1000; // the bus is a full mesh: more is not for one machine

export function parseArguments(command: CommandName, args: readonly string[], environment: NodeJS.ProcessEnv): Told {
  const { values: flags, positionals: words } = parseFlags(command, args);
  const value = (name: OptionName) => lastOf(flags[name]) ?? fromEnvironment(name, environment);
  const isOn = (name: OptionName) => flags[name] === true || isYes(fromEnvironment(name, environment));
  const isOtherForm = flags.csv === true || flags.stats === true;
  return {
    nodes: wholeNumber('nodes', value('nodes'), 1, MAX_NODES),
    replicas: wholeNumber('replicas', value('replicas'), 0, MAX_NODES),
    port: wholeNumber('port', value('port'), 0, 65_535),
    seeds: wholeNumber('seeds', value('seeds'), 1, MAX_SEED),
    from: wholeNumber('from', value('from'), 0, MAX_SEED),
    seed: wholeNumber('seed', value('seed'), 0, MAX_SEED),
    minutes: wholeNumber('minutes', value('minutes'), 1, MAX_MINUTES),
    top: wholeNumber('top', value('top'), 0, MAX_TOP),
    until: wholeNumber('truncate-to-timestamp', value('truncate-to-timestamp'), 0, Number.MAX_SAFE_INTEGER),
    words,
    dir: value('dir') ?? DEFAULT_DIR,
    password: value('password') ?? null,
    settings: listOf(flags.config).map(settingOf),
    detach: isOn('detach'),
    fix: isOn('fix'),
    json: isOtherForm ? flags.json === true : isOn('json'),
    csv: isOn('csv'),
    stats: isOn('stats'),
    help: isOn('help'),
    plain: isOn('no-color'),
  };
}

/** Seeds are 32-bit numbers. */
export const MAX_SEED = 0xffff_ffff;
const MAX_MINUTES = 24 * 60;
const MAX_TOP = 100_000;

type Flags = Partial<Record<string, string | boolean | (string | boolean)[]>>;

function parseFlags(command: CommandName, args: readonly string[]): { values: Flags; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, value] of optionsOf(command)) {
    options[name] = { type: value === null ? 'boolean' : 'string', multiple: name === 'config' };
  }
  options.help = { type: 'boolean', short: 'h' };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: WITH_WORDS.includes(command) });
  } catch (error) {
    // parseArgs explains well in its first sentence; what follows it is about positionals that we do not have.
    const [sentence = ''] = error instanceof Error ? error.message.split(/\.\s/) : [];
    throw new UsageError(sentence);
  }
}

export function optionsOf(command: CommandName): (typeof OPTIONS)[number][] {
  return OPTIONS.filter(([, , commands]) => commands.some((one) => one === command));
}

function fromEnvironment(name: OptionName, environment: NodeJS.ProcessEnv): string | undefined {
  const variable = OPTIONS.find(([option]) => option === name)?.[3];
  return (variable && environment[variable]) || undefined;
}

function isYes(value: string | undefined): boolean {
  return ['yes', 'true', '1', 'on'].includes(value?.toLowerCase() ?? '');
}

function lastOf(value: Flags[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function listOf(value: Flags[string]): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function wholeNumber(name: OptionName, text: string | undefined, min: number, max: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`);
}

function settingOf(text: string): Setting {
  try {
    return parseSetting(text);
  } catch (error) {
    if (error instanceof Trouble) throw new UsageError(error.message);
    throw error;
  }
}

/** The lines of `--help` about the options of a command. */
export function describeOptions(command: CommandName): string {
  const rows = optionsOf(command).map(([name, value, , variable, what]) => ({
    left: value === null ? `--${name}` : `--${name} ${value}`,
    right: variable ? `${what} [${variable}]` : what,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
