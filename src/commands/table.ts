/**
 * The commands of a node, and finding one without making a string of its name.
 *
 *   name bytes, hashed in lower case ──▶ place in an open-addressed table
 *
 *   places  int16[1024]   │ -1 │ 7 │ -1 │ 12 │ …            id of a command, -1 = free
 *   names   uint8[n × 24] │ g e t 0 0 … │ s e t 0 … │ …      24 bytes a command, compared with the request's
 *
 * Sub-commands stand in the same table, hashed together with the id of their container. An id is the place of the
 * command in `commands` and in all arrays of facts here; per-command statistics are kept by it elsewhere.
 *
 * HOT: `find` and the typed arrays. bench: all
 */
import { KEYED } from '../keyspace/read-ahead.js';
import type { Request } from '../resp/request.js';
import type { DocRow } from './docs-syntax.js';
import type { Handler } from './handler.js';
import { FLAG, type Flags, KEY_FLAG, type KeySpec, parseFlags, parseKeys, type Row } from './row.js';

/** What `find` says when there is no such command. */
export const UNKNOWN_COMMAND = -1;
export const UNKNOWN_SUBCOMMAND = -2;

/** A power of two, at least three times the commands: probes stay short. */
const PLACES = 1024;
/** The longest name is `count-failure-reports`, of 21. */
const NAME_MAX = 24;
const NO_CONTAINER = -1;
/** Where nobody looks: commands that rename-command took their name. */
const NOWHERE = -2;

export interface CommandGroup {
  /** As COMMAND DOCS names it. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly docs: () => readonly DocRow[];
}

/** Keys that stand in one plain range, as COMMAND INFO prints it: `last` below zero counts from the end. */
export interface KeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

export interface Command {
  readonly id: number;
  /** `get`, or `config|get`. */
  readonly name: string;
  readonly group: string;
  readonly arity: number;
  /** Bits of FLAG. */
  readonly flags: number;
  /** Bits of CATEGORY. */
  readonly categories: number;
  readonly keySpecs: readonly KeySpec[];
  readonly range: KeyRange;
  readonly memberArg: number;
  readonly since: string;
  readonly summary: string;
  readonly run: Handler;
  readonly container: Command | null;
  readonly subcommands: Command[];
}

export class CommandTable {
  readonly commands: readonly Command[];
  /** The commands that are no sub-commands. */
  readonly topLevel: readonly Command[];

  /** Facts by id, for the checks before a command runs. */
  readonly arity: Int16Array;
  readonly flags: Int32Array;
  readonly firstKey: Uint8Array;
  readonly lastKey: Int8Array;
  readonly keyStep: Uint8Array;
  readonly memberArg: Uint8Array;
  /** Whether argument 1 is a key, and may be made: a KEYED. */
  readonly keyed: Uint8Array;

  private readonly places = new Int16Array(PLACES).fill(UNKNOWN_COMMAND);
  private readonly names: Uint8Array;
  private readonly nameLengths: Uint8Array;
  private readonly containers: Int16Array;
  private readonly isContainer: Uint8Array;
  private docs: Map<string, DocRow> | null = null;
  /** Names that rename-command gave, in lower case; most servers have none. */
  private newNames: Map<string, number> | null = null;

  /** Rows without a handler are left out, unless they contain sub-commands that have one. */
  constructor(private readonly groups: readonly CommandGroup[]) {
    const commands = readRows(groups);
    const count = commands.length;
    if (count * 3 > PLACES) throw new Error('too many commands for their table');
    this.commands = commands;
    this.topLevel = commands.filter((command) => command.container === null);
    this.arity = new Int16Array(count);
    this.flags = new Int32Array(count);
    this.firstKey = new Uint8Array(count);
    this.lastKey = new Int8Array(count);
    this.keyStep = new Uint8Array(count);
    this.memberArg = new Uint8Array(count);
    this.keyed = new Uint8Array(count);
    this.names = new Uint8Array(count * NAME_MAX);
    this.nameLengths = new Uint8Array(count);
    this.containers = new Int16Array(count);
    this.isContainer = new Uint8Array(count);
    for (const command of commands) this.enter(command);
  }

  private enter(command: Command): void {
    const { id, range } = command;
    this.arity[id] = command.arity;
    this.flags[id] = command.flags;
    this.firstKey[id] = range.first;
    this.lastKey[id] = range.last;
    this.keyStep[id] = range.step;
    this.memberArg[id] = command.memberArg;
    const makes = (command.flags & FLAG.DENYOOM) !== 0;
    this.keyed[id] = range.first !== 1 ? KEYED.no : makes ? KEYED.made : KEYED.read;
    this.containers[id] = command.container === null ? NO_CONTAINER : command.container.id;
    this.isContainer[id] = command.subcommands.length > 0 ? 1 : 0;
    this.enterName(command);
  }

  private enterName({ id, name }: Command): void {
    const container = this.containers[id];
    const start = name.indexOf('|') + 1;
    const length = name.length - start;
    const at = id * NAME_MAX;
    if (length > NAME_MAX) throw new Error(`'${name}' is too long a name`);
    for (let i = 0; i < length; i++) this.names[at + i] = name.charCodeAt(start + i);
    if (this.lookUp(container, this.names, at, length) >= 0) throw new Error(`two rows for '${name}'`);
    this.nameLengths[id] = length;
    let place = hashName(container, this.names, at, length);
    while (this.places[place] >= 0) place = (place + 1) & (PLACES - 1);
    this.places[place] = id;
  }

  /** Id of the command that a request asks for, UNKNOWN_COMMAND or UNKNOWN_SUBCOMMAND. */
  find(request: Request): number {
    return this.findAt(request, 0);
  }

  /** The same behind a request whose command was found: most ask for what the one before them asked for. */
  findAfter(request: Request, before: Request): number {
    const id = before.command;
    const isPlain = id >= 0 && this.containers[id] === NO_CONTAINER && this.isContainer[id] === 0;
    return isPlain && request.sameAs(before, 0) ? id : this.find(request);
  }

  /** The same for a command that begins at a later argument of the request. */
  findAt(request: Request, from: number): number {
    const { buf, off, len } = request;
    let id = this.lookUp(NO_CONTAINER, buf, off[from], len[from]);
    if (id < 0 && this.newNames !== null) id = this.byNewName(buf, off[from], len[from]);
    if (id < 0 || this.isContainer[id] === 0 || request.argc === from + 1) return id;
    const sub = this.lookUp(id, buf, off[from + 1], len[from + 1]);
    return sub < 0 ? UNKNOWN_SUBCOMMAND : sub;
  }

  /** The command of a full name: `get`, `config`, `config|get`. Null if there is none. */
  byName(name: Uint8Array): Command | null {
    const bar = name.indexOf(124);
    const end = bar < 0 ? name.length : bar;
    let id = this.lookUp(NO_CONTAINER, name, 0, end);
    if (id < 0) id = this.byNewName(name, 0, end);
    if (id < 0 || bar < 0) return id < 0 ? null : this.commands[id];
    const sub = this.lookUp(id, name, bar + 1, name.length - bar - 1);
    return sub < 0 ? null : this.commands[sub];
  }

  /** rename-command: the old name is unknown from now on, and so is the command if the new one is ''. */
  rename(from: Uint8Array, to: Uint8Array): void {
    const command = this.byName(from);
    if (command === null) return; // it has no handler yet
    this.containers[command.id] = NOWHERE;
    this.newNames ??= new Map();
    for (const [name, id] of this.newNames) if (id === command.id) this.newNames.delete(name);
    if (to.length > 0) this.newNames.set(lowerCase(to, 0, to.length), command.id);
  }

  private byNewName(buf: Uint8Array, at: number, length: number): number {
    return this.newNames?.get(lowerCase(buf, at, length)) ?? UNKNOWN_COMMAND;
  }

  /** What COMMAND DOCS says beyond the row. Reads the docs tables when it is first called. */
  docOf(command: Command): DocRow {
    this.docs ??= new Map(this.groups.flatMap((group) => group.docs()).map((row) => [row[0], row]));
    const doc = this.docs.get(command.name);
    if (doc === undefined) throw new Error(`no docs for '${command.name}'`);
    return doc;
  }

  private lookUp(container: number, buf: Uint8Array, at: number, length: number): number {
    let place = hashName(container, buf, at, length);
    for (;;) {
      const id = this.places[place];
      if (id < 0) return UNKNOWN_COMMAND;
      if (this.nameLengths[id] === length && this.containers[id] === container && this.isNamed(id, buf, at, length))
        return id;
      place = (place + 1) & (PLACES - 1);
    }
  }

  private isNamed(id: number, buf: Uint8Array, at: number, length: number): boolean {
    const name = id * NAME_MAX;
    for (let i = 0; i < length; i++) {
      const c = buf[at + i];
      if ((c >= 65 && c <= 90 ? c | 32 : c) !== this.names[name + i]) return false;
    }
    return true;
  }
}

function lowerCase(buf: Uint8Array, at: number, length: number): string {
  return Buffer.from(buf.subarray(at, at + length))
    .toString('latin1')
    .toLowerCase();
}

function hashName(container: number, buf: Uint8Array, at: number, length: number): number {
  if (length > NAME_MAX) return 0;
  let hash = length + container * 7919; // any prime: sub-commands of different containers share names
  for (let i = 0; i < length; i++) hash = Math.imul(hash, 31) + (buf[at + i] | 0x20);
  return (hash ^ (hash >>> 10)) & (PLACES - 1);
}

function readRows(groups: readonly CommandGroup[]): Command[] {
  const reader = new RowReader();
  for (const group of groups) for (const row of group.rows) reader.read(row, group.name);
  return reader.commands;
}

class RowReader {
  readonly commands: Command[] = [];
  /** The last row that is no sub-command, and its command once there is one. */
  private container: Row | null = null;
  private made: Command | null = null;
  // many rows have equal columns: each is read once
  private readonly flags = new Map<string, Flags>();
  private readonly keys = new Map<string, KeyFacts>();

  read(row: Row, group: string): void {
    const name = row[0];
    const bar = name.indexOf('|');
    if (bar < 0) {
      this.container = row;
      this.made = row[5] === null ? null : this.add(row, group, null);
      return;
    }
    if (this.container === null || this.container[0] !== name.slice(0, bar))
      throw new Error(`the row of '${name}' is not behind that of its container`);
    if (row[5] === null) return;
    this.made ??= this.add(this.container, group, null);
    this.made.subcommands.push(this.add(row, group, this.made));
  }

  private add(row: Row, group: string, container: Command | null): Command {
    const { flags, categories } = this.flagsOf(row[2]);
    const { keySpecs, range, movable, memberArg } = this.keysOf(row[3]);
    const command: Command = {
      id: this.commands.length,
      name: row[0],
      group,
      arity: row[1],
      flags: flags | (movable ? FLAG.MOVABLEKEYS : 0),
      categories,
      keySpecs,
      range,
      memberArg,
      since: row[4],
      summary: row[6],
      run: row[5] ?? noHandler,
      container,
      subcommands: [],
    };
    this.commands.push(command);
    return command;
  }

  private flagsOf(column: string): Flags {
    let read = this.flags.get(column);
    if (read === undefined) this.flags.set(column, (read = parseFlags(column)));
    return read;
  }

  private keysOf(column: string): KeyFacts {
    let read = this.keys.get(column);
    if (read === undefined) this.keys.set(column, (read = readKeys(column)));
    return read;
  }
}

/** A container alone never runs: all of them want at least one argument more. */
const noHandler: Handler = () => {
  throw new Error('a container of commands was run');
};

interface KeyFacts {
  readonly keySpecs: readonly KeySpec[];
  readonly range: KeyRange;
  readonly movable: boolean;
  readonly memberArg: number;
}

function readKeys(column: string): KeyFacts {
  const { specs, memberArg } = parseKeys(column);
  const { range, movable } = plainRange(specs);
  return { keySpecs: specs, range, movable, memberArg };
}

/**
 * The one range that old clients know of, and whether there are keys outside of it. Several specs make one range only
 * if each begins where the one before ends.
 */
function plainRange(specs: readonly KeySpec[]): { range: KeyRange; movable: boolean } {
  let first = 0;
  let last = 0;
  let step = 0;
  let movable = false;
  for (const spec of specs) {
    const plain = spec.begin === 'index' && spec.find === 'range';
    const follows = first === 0 || (spec.step === 1 && last === spec.at - 1);
    if (!plain || (specs.length > 1 && spec.step !== 1) || !follows) {
      movable = true;
      continue;
    }
    if (spec.flags & KEY_FLAG.INCOMPLETE) movable = true;
    if (first === 0) first = spec.at;
    last = spec.last < 0 ? spec.last : spec.at + spec.last;
    step = spec.step;
  }
  return { range: { first, last, step }, movable };
}
