/**
 * The configuration file, line by line: text in, a filled `Config` or the reason why not.
 *
 *    file ──┐
 *    stdin ─┼─▶ one text ──▶ lines ──▶ words ──┬─▶ a directive of the table takes its arguments
 *    argv ──┘                                  ├─▶ include: another text, read in place
 *                                              └─▶ user, loadmodule, rename-command, x.y: kept for others
 *
 * What the command line adds stands behind the file's last line and is counted on, so an error there has a line number
 * too. The first error ends the reading; its block is that of Redis, with one line of ours below where we can guess
 * the cause.
 */
import type { Config } from '../config.js';
import { cText, pathOf, splitArguments } from './setting.js';
import type { ConfigWorld } from './world.js';

/** `stderr` goes there, `log` is a warning for the log; one of them is empty. The process exits with 1. */
export interface LoadFailure {
  readonly ok: false;
  readonly stderr: string;
  readonly log: string;
}

/** Accepted and without effect, as long as they have one argument. */
const DEPRECATED = ['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands'];

/** Redis recurses until its stack ends; a file that includes itself is told so here. */
const INCLUDE_DEPTH_MAX = 100;

type Wrong = string | LoadFailure | null;

export class ConfigLoader {
  /** Warnings for the log, once it is open. */
  readonly notes: string[] = [];
  private inFile = false;
  private depth = 0;
  private readonly removedCommands = new Set<string>();
  private readonly addedCommands = new Set<string>();

  constructor(
    private readonly config: Config,
    private readonly world: ConfigWorld,
  ) {}

  /** `options` is text in the form of a file, from the command line. */
  load(file: string | null, withStandardInput: boolean, options: string | null): LoadFailure | null {
    let text = '';
    if (file !== null) {
      const read = this.readFile(file);
      if (typeof read !== 'string') return read;
      text = read;
    }
    if (withStandardInput) {
      this.notes.push('Reading config from stdin');
      text += textOf(this.world.standardInput());
    }
    return this.loadText(options === null ? text : `${text}\n${options}`);
  }

  private readFile(path: string): string | LoadFailure {
    const isPattern = path.includes('*') || path.includes('?') || path.includes('[');
    let text = '';
    for (const found of isPattern ? this.world.matching(path) : [path]) {
      const read = this.world.read(found);
      if (!read.ok)
        return { ok: false, stderr: '', log: `Fatal error, can't open config file '${found}': ${read.error}` };
      text += textOf(read.bytes);
    }
    return text;
  }

  private loadText(text: string): LoadFailure | null {
    this.inFile = true;
    const lines = cText(text).split('\n').map(trim);
    for (const [i, line] of lines.entries()) {
      if (line === '' || line.startsWith('#')) continue;
      const wrong = this.loadLine(line);
      if (wrong === null) continue;
      if (typeof wrong !== 'string') return wrong;
      const place = `Reading the configuration file, at line ${i + 1}\n>>> '${cText(line)}'\n`;
      return fatal(place + wrong + this.hint(line));
    }
    const wrong = this.checkWhole();
    this.inFile = false; // also behind an include: the lines that follow it are read as CONFIG SET reads
    return wrong === null ? null : fatal(wrong);
  }

  private checkWhole(): string | null {
    const { logfile } = this.config;
    const closed = logfile === '' ? null : this.world.tryAppend(pathOf(logfile));
    if (closed !== null) return `Can't open the log file: ${closed}`;
    const isBoth = this.config.clusterEnabled && this.config.replicaof !== null;
    return isBoth ? 'replicaof directive not allowed in cluster mode' : null;
  }

  private loadLine(line: string): Wrong {
    const words = splitArguments(line);
    if (words === null) return 'Unbalanced quotes in configuration line';
    const [first, ...args] = words;
    if (first === undefined) return null;
    const name = cText(first).toLowerCase();
    const directive = this.config.find(name);
    if (directive === undefined) return this.loadOther(name, args);
    if (!directive.severalArgs && args.length !== 1) return 'wrong number of arguments';
    const isOneText = directive.severalArgs && args.length === 1 && args[0] !== '';
    const taken = this.config.take(directive, isOneText ? (splitArguments(args[0]!) ?? []) : args, {
      inFile: this.inFile,
    });
    if (!taken.ok) return taken.error;
    if (taken.note !== undefined) this.notes.push(taken.note);
    return null;
  }

  private loadOther(name: string, args: readonly string[]): Wrong {
    if (DEPRECATED.includes(name) && args.length === 1) return null;
    if (name === 'include' && args.length === 1) return this.include(pathOf(cText(args[0]!)));
    if (name === 'rename-command' && args.length === 2) return this.renameCommand(args[0]!, args[1]!);
    if (name === 'user' && args.length >= 1) return keep(this.config.users, args);
    if (name === 'loadmodule' && args.length >= 1) return keep(this.config.modules, args);
    if (name.includes('.'))
      return args.length === 0
        ? 'Module config specified without value'
        : keep(this.config.moduleSettings, [name, args.join(' ')]);
    if (name === 'sentinel') return args.length === 0 ? null : 'sentinel directive while not in sentinel mode';
    return 'Bad directive or wrong number of arguments';
  }

  private include(path: string): Wrong {
    if (this.depth === INCLUDE_DEPTH_MAX) return 'include is nested too deeply, does a file include itself?';
    this.depth += 1;
    const failure = this.load(path, false, null);
    this.depth -= 1;
    return failure;
  }

  private renameCommand(from: string, to: string): Wrong {
    const [old, name] = [from.toLowerCase(), to.toLowerCase()];
    if (old.includes('|') || !this.isCommand(old)) return 'No such command in rename-command';
    this.removedCommands.add(old);
    this.addedCommands.delete(old);
    if (to !== '') {
      if (this.isCommand(name)) return 'Target command name already exists';
      this.addedCommands.add(name);
    }
    this.config.renamedCommands.push([from, to]);
    return null;
  }

  private isCommand(name: string): boolean {
    return this.addedCommands.has(name) || (!this.removedCommands.has(name) && this.world.knowsCommand(name));
  }

  /** The two slips of tutorials: a comment behind the value, and a whole file that lost its line ends. */
  private hint(line: string): string {
    const words = splitArguments(line) ?? line.split(' ');
    const next = words.slice(2).find((word) => this.config.find(word) !== undefined);
    if (words.slice(1).some((word) => word.startsWith('#')))
      return '\nHint: a comment needs a line of its own; what stands behind # here is read as arguments.';
    if (next !== undefined)
      return `\nHint: each directive needs a line of its own; '${next}' looks like the beginning of the next one.`;
    return '';
  }
}

function keep(list: (readonly string[])[], args: readonly string[]): null {
  list.push(args);
  return null;
}

function fatal(text: string): LoadFailure {
  return { ok: false, stderr: `\n*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***\n${text}\n`, log: '' };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Without blanks, tabs and carriage returns around it. */
export function trim(line: string): string {
  let [from, to] = [0, line.length];
  const isBlank = (at: number) => ' \t\r\n'.includes(line[at]!);
  while (from < to && isBlank(from)) from++;
  while (to > from && isBlank(to - 1)) to--;
  return line.slice(from, to);
}
