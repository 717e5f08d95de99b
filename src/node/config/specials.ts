/**
 * Directives that are kinds of their own: several values in one, or with an effect on how others are read.
 *
 *   save 900 1 60 100             bind * -::*                    replicaof host port
 *   notify-keyspace-events KEA    oom-score-adj-values 0 200 800   dir path
 *   latency-tracking-info-percentiles 50 99.9    client-output-buffer-limit class hard soft seconds …
 */
import type { DirectiveRow } from '../config-table.js';
import type { ClientClass, OutputLimit, SavePoint, SpecialFields } from './fields.js';
import { decimal, looseNumber, memory, roundMemory, shortDecimal } from './numbers.js';
import { cText, type Line, quote, type Reading, refused, type Setting, type Taken, taken } from './setting.js';

const WRONG_COUNT = 'wrong number of arguments';

/** A value that is replaced as a whole. The kinds below say how it is read and shown. */
abstract class Special<Value> implements Setting {
  protected abstract value: Value;
  abstract take(args: readonly string[], reading: Reading): Taken;
  abstract text(): string;
  abstract lines(name: string): readonly Line[];

  field(): unknown {
    return this.value;
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}

/** The lines of a file add up, and the first of them replaces the defaults. */
export class Save extends Special<readonly SavePoint[]> {
  protected value: readonly SavePoint[];
  private defaultsReplaced = false;

  constructor(row: DirectiveRow) {
    super();
    this.value = savePoints(String(row[2]).split(' ')) ?? [];
  }

  take(args: readonly string[], reading: Reading): Taken {
    const isNone = args.length === 1 && cText(args[0]!) === '';
    if (isNone) this.value = [];
    const points = savePoints(isNone ? [] : args);
    if (points === null) return refused('Invalid save parameters');
    const starts = !reading.inFile || !this.defaultsReplaced;
    if (reading.inFile) this.defaultsReplaced = true;
    this.value = starts ? points : [...this.value, ...points];
    return taken(true);
  }

  text(): string {
    return this.value.map((point) => `${point.seconds} ${point.changes}`).join(' ');
  }

  lines(name: string): readonly Line[] {
    if (this.value.length === 0) return [{ text: `${name} ""`, needed: true }];
    return this.value.map((point) => ({ text: `${name} ${point.seconds} ${point.changes}`, needed: true }));
  }

  override field(): SpecialFields['save'] {
    return this.value;
  }
}

function savePoints(args: readonly string[]): SavePoint[] | null {
  if (args.length % 2 !== 0) return null;
  const numbers = args.map((arg) => looseNumber(cText(arg)));
  const points: SavePoint[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    const [seconds, changes] = [numbers[i]!, numbers[i + 1]!];
    if (seconds === null || seconds < 1n || changes === null || changes < 0n) return null;
    points.push({ seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) });
  }
  return points;
}

interface ExactLimit {
  readonly hard: bigint;
  readonly soft: bigint;
  readonly seconds: bigint;
}

type ExactLimits = Readonly<Record<ClientClass, ExactLimit>>;

const CLASSES: readonly ClientClass[] = ['normal', 'replica', 'pubsub'];
const CLASS_NAMES = new Map<string, ClientClass>([
  ['normal', 'normal'],
  ['slave', 'replica'],
  ['replica', 'replica'],
  ['pubsub', 'pubsub'],
]);

export class OutputLimits extends Special<ExactLimits> {
  protected value: ExactLimits;
  private readonly initial: ExactLimits;

  constructor(row: DirectiveRow) {
    super();
    const none = { hard: 0n, soft: 0n, seconds: 0n };
    const read = limits(String(row[2]).split(' '), { normal: none, replica: none, pubsub: none });
    if (typeof read === 'string') throw new Error(read);
    this.initial = this.value = read;
  }

  take(args: readonly string[]): Taken {
    const read = limits(args, this.value);
    if (typeof read === 'string') return refused(`${read} buffer limit configuration.`);
    this.value = read;
    return taken(true);
  }

  text(): string {
    const one = (name: ClientClass) => `${this.value[name].hard} ${this.value[name].soft} ${this.value[name].seconds}`;
    return `normal ${one('normal')} slave ${one('replica')} pubsub ${one('pubsub')}`;
  }

  /** A line is written per class, and each of them only where it is needed. */
  lines(name: string): readonly Line[] {
    const { value, initial } = this;
    return CLASSES.map((of) => ({
      text: `${name} ${of} ${roundMemory(value[of].hard)} ${roundMemory(value[of].soft)} ${value[of].seconds}`,
      needed: !sameLimit(value[of], initial[of]),
    }));
  }

  override field(): SpecialFields['client-output-buffer-limit'] {
    const plain = (of: ExactLimit): OutputLimit => ({
      hard: Number(of.hard),
      soft: Number(of.soft),
      softSeconds: Number(of.seconds),
    });
    const { normal, replica, pubsub } = this.value;
    return { normal: plain(normal), replica: plain(replica), pubsub: plain(pubsub) };
  }
}

function sameLimit(a: ExactLimit, b: ExactLimit): boolean {
  return a.hard === b.hard && a.soft === b.soft && a.seconds === b.seconds;
}

/** The new limits, or the beginning of what is wrong. Either all of the classes named are taken or none. */
function limits(args: readonly string[], before: ExactLimits): ExactLimits | string {
  if (args.length % 4 !== 0) return 'Wrong number of arguments in';
  const after = { ...before };
  for (let i = 0; i < args.length; i += 4) {
    const [name, hardText, softText, secondsText] = args.slice(i, i + 4).map(cText);
    const of = CLASS_NAMES.get(name!.toLowerCase());
    if (of === undefined) return 'Invalid client class specified in';
    const [hard, soft] = [memory(hardText!), memory(softText!)];
    const long = looseNumber(secondsText!);
    const seconds = long === null ? -1n : BigInt.asIntN(32, long);
    if (hard === null || soft === null || seconds < 0n) return 'Error in hard, soft or soft_seconds setting in';
    after[of] = { hard, soft, seconds };
  }
  return after;
}

export class OomScores extends Special<readonly number[]> {
  protected value: readonly number[];
  private readonly initial: string;

  constructor(row: DirectiveRow) {
    super();
    this.initial = String(row[2]);
    this.value = this.initial.split(' ').map(Number);
  }

  take(args: readonly string[]): Taken {
    if (args.length !== 3) return refused(WRONG_COUNT);
    const scores = args.map((arg) => looseNumber(cText(arg)));
    if (scores.some((score) => score === null || score < -2000n || score > 2000n))
      return refused('Invalid oom-score-adj-values, elements must be between -2000 and 2000.');
    const before = this.text();
    this.value = scores.map(Number);
    const [primary, replica, child] = [this.value[0]!, this.value[1]!, this.value[2]!];
    const changed = this.text() !== before;
    if (replica >= primary && child >= replica) return taken(changed);
    const note =
      'The oom-score-adj-values configuration may not work for non-privileged processes! ' +
      'Please consult the documentation.';
    return { ok: true, changed, note };
  }

  text(): string {
    return this.value.join(' ');
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${this.text()}`, needed: this.text() !== this.initial }];
  }
}

/** The classes of events, in the order they are shown. `A` stands for all up to `n` but for `n` itself. */
// biome-ignore format: a table
export const NOTIFY_BITS = [
  // letter   bit        the events
  ['g',       1 << 2,    'commands of any type: DEL, EXPIRE, RENAME'],
  ['$',       1 << 3,    'strings'],
  ['l',       1 << 4,    'lists'],
  ['s',       1 << 5,    'sets'],
  ['h',       1 << 6,    'hashes'],
  ['z',       1 << 7,    'sorted sets'],
  ['x',       1 << 8,    'keys that expired'],
  ['e',       1 << 9,    'keys that were evicted'],
  ['t',       1 << 10,   'streams'],
  ['d',       1 << 13,   'types of modules'],
  ['n',       1 << 14,   'new keys'],
  ['K',       1 << 0,    'published by key'],
  ['E',       1 << 1,    'published by event'],
  ['m',       1 << 11,   'keys that were missed'],
] as const;

const ALL_LETTERS = 'g$lshzxetd';
const OUTSIDE_ALL = 'KEm';

const bitsOf = (letters: string): number =>
  NOTIFY_BITS.reduce((bits, [letter, bit]) => (letters.includes(letter) ? bits | bit : bits), 0);
const ALL_BITS = bitsOf(ALL_LETTERS);

export class NotifyEvents extends Special<number> {
  protected value = 0;

  take(args: readonly string[]): Taken {
    if (args.length !== 1) return refused(WRONG_COUNT);
    const letters = cText(args[0]!);
    for (const letter of letters)
      if (letter !== 'A' && bitsOf(letter) === 0)
        return refused("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    this.value = bitsOf(letters) | (letters.includes('A') ? ALL_BITS : 0);
    return taken(true);
  }

  /** With `A`, the letter n is not shown, though its events are published: Redis does so too. */
  text(): string {
    const isAll = (this.value & ALL_BITS) === ALL_BITS;
    const shown = NOTIFY_BITS.filter(
      ([letter, bit]) => (this.value & bit) !== 0 && (!isAll || OUTSIDE_ALL.includes(letter)),
    );
    return (isAll ? 'A' : '') + shown.map(([letter]) => letter).join('');
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${quote(this.text())}`, needed: this.value !== 0 }];
  }
}

const BIND_MAX = 16;

export class Bind extends Special<readonly string[]> {
  protected value: readonly string[];
  private readonly initial: string;

  constructor(row: DirectiveRow) {
    super();
    this.initial = String(row[2]);
    this.value = this.initial.split(' ');
  }

  take(args: readonly string[]): Taken {
    if (args.length > BIND_MAX) return refused('Too many bind addresses specified.');
    this.value = args.length === 1 && args[0] === '' ? [] : args.map(cText);
    return taken(true);
  }

  text(): string {
    return this.value.join(' ');
  }

  /** The default is never written, not even where the file names it. */
  lines(name: string): readonly Line[] {
    if (this.text() === this.initial) return [];
    return [{ text: `${name} ${this.value.length === 0 ? '""' : this.text()}`, needed: true }];
  }
}

export class ReplicaOf extends Special<SpecialFields['replicaof']> {
  protected value: SpecialFields['replicaof'] = null;

  take(args: readonly string[]): Taken {
    if (args.length !== 2) return refused(WRONG_COUNT);
    const [host, portText] = [cText(args[0]!), cText(args[1]!)];
    this.value = null;
    if (host.toLowerCase() === 'no' && portText.toLowerCase() === 'one') return taken(true);
    const port = looseNumber(portText);
    if (port === null || port < 0n || port > 65_535n) return refused('Invalid master port');
    this.value = { host, port: Number(port) };
    return taken(true);
  }

  text(): string {
    return this.value === null ? '' : `${this.value.host} ${this.value.port}`;
  }

  lines(name: string): readonly Line[] {
    return this.value === null ? [] : [{ text: `${name} ${this.text()}`, needed: true }];
  }
}

export class Percentiles extends Special<readonly number[]> {
  protected value: readonly number[];

  constructor(row: DirectiveRow) {
    super();
    this.value = String(row[2]).split(' ').map(Number);
  }

  take(args: readonly string[]): Taken {
    const texts = args.length === 1 && args[0] === '' ? [] : args;
    const found: number[] = [];
    for (const text of texts) {
      const share = decimal(text);
      if (share === null) return refused('Invalid latency-tracking-info-percentiles parameters');
      if (share > 100 || share < 0)
        return refused('latency-tracking-info-percentiles parameters should sit between [0.0,100.0]');
      found.push(share);
    }
    this.value = found;
    return taken(true);
  }

  text(): string {
    return this.value.map(shortDecimal).join(' ');
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${this.value.length === 0 ? '""' : this.text()}`, needed: true }];
  }
}

/** Going to a folder: null, or why not, in the words of the system. */
export interface Folders {
  folder(): string;
  enter(folder: string): string | null;
}

/** Its value is where the process stands. */
export class Dir extends Special<string> {
  protected value: string;

  constructor(private readonly folders: Folders) {
    super();
    this.value = folders.folder();
  }

  take(args: readonly string[]): Taken {
    if (args.length !== 1) return refused(WRONG_COUNT);
    const wrong = this.folders.enter(cText(args[0]!));
    if (wrong !== null) return refused(wrong);
    this.value = this.folders.folder();
    return taken(true);
  }

  text(): string {
    return this.value;
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${quote(this.value)}`, needed: true }];
  }

  override remember(): () => void {
    const back = this.value;
    return () => {
      this.folders.enter(back);
      this.value = this.folders.folder();
    };
  }
}
