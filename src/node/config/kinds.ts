/**
 * The plain kinds of values: yes or no, numbers, words, text. Which of them a directive is, and within which limits,
 * says its row in `config-table.ts`; what needs more is in `specials.ts`.
 *
 * Error texts are those of Redis. A number is kept exactly, as a bigint: CONFIG GET must give back all 64 bits. What
 * the program reads, `field()`, is a plain number, exact up to 2^53: beyond anything that is counted here.
 */
import type { DirectiveRow, Kind, Range } from '../config-table.js';
import { memory, octal, roundMemory, wholeNumber } from './numbers.js';
import { cText, type Line, quote, type Reading, refused, type Setting, type Taken, taken } from './setting.js';

/** null, or why the value cannot be. */
export type Check = (value: string) => string | null;

export class YesNo implements Setting {
  private value: boolean;

  constructor(
    private readonly initial: boolean,
    private readonly check: Check,
  ) {
    this.value = initial;
  }

  take(args: readonly string[]): Taken {
    const word = cText(args[0] ?? '').toLowerCase();
    if (word !== 'yes' && word !== 'no') return refused("argument must be 'yes' or 'no'");
    const wrong = this.check(word);
    if (wrong !== null) return refused(wrong);
    const before = this.value;
    this.value = word === 'yes';
    return taken(this.value !== before);
  }

  text(): string {
    return this.value ? 'yes' : 'no';
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${this.text()}`, needed: this.value !== this.initial }];
  }

  field(): boolean {
    return this.value;
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}

interface NumberShape {
  readonly unsigned: boolean;
  readonly memory: boolean;
  readonly percent: boolean;
  readonly octal: boolean;
}

const SHAPES = new Map<Kind, NumberShape>([
  ['signed', { unsigned: false, memory: false, percent: false, octal: false }],
  ['unsigned', { unsigned: true, memory: false, percent: false, octal: false }],
  ['signed memory', { unsigned: false, memory: true, percent: false, octal: false }],
  ['unsigned memory', { unsigned: true, memory: true, percent: false, octal: false }],
  ['memory or percent', { unsigned: false, memory: true, percent: true, octal: false }],
  ['octal', { unsigned: true, memory: false, percent: false, octal: true }],
]);

/** A percentage is kept below zero, as in Redis. */
export class NumberSetting implements Setting {
  private value: bigint;
  private readonly initial: bigint;
  private readonly low: bigint;
  private readonly high: bigint;
  private readonly shape: NumberShape;

  constructor(
    row: DirectiveRow,
    private readonly correct: (value: bigint, reading: Reading) => bigint,
  ) {
    const [name, kind, initial, range] = row;
    const shape = SHAPES.get(kind);
    if (shape === undefined || typeof initial !== 'number' || !isNumbers(range)) throw new Error(`bad row ${name}`);
    this.shape = shape;
    this.initial = this.value = BigInt(initial);
    this.low = BigInt(range[0]);
    this.high = BigInt(range[1]);
  }

  take(args: readonly string[], reading: Reading): Taken {
    const read = this.read(cText(args[0] ?? ''), args[0] ?? '');
    if (read === null) return refused(this.unreadable());
    const value = this.shape.unsigned ? BigInt.asUintN(64, read) : BigInt.asIntN(64, read);
    const wrong = this.outOfRange(value);
    if (wrong !== null) return refused(wrong);
    if (value === this.value) return taken(false);
    this.value = this.correct(value, reading);
    return taken(true);
  }

  /** `text` as C sees it, `whole` with all its bytes. */
  private read(text: string, whole: string): bigint | null {
    if (this.shape.memory) {
      const bytes = memory(text);
      if (bytes !== null) return bytes;
    }
    if (this.shape.percent && whole.length > 1 && whole.endsWith('%')) {
      const share = wholeNumber(whole.slice(0, -1));
      if (share !== null && share >= 0n) return -share;
    }
    if (this.shape.octal) return octal(text);
    return this.shape.memory ? null : wholeNumber(whole);
  }

  private unreadable(): string {
    if (this.shape.percent) return 'argument must be a memory or percent value';
    if (this.shape.memory) return 'argument must be a memory value';
    return this.shape.octal
      ? "argument couldn't be parsed as an octal number"
      : "argument couldn't be parsed into an integer";
  }

  private outOfRange(value: bigint): string | null {
    if (this.shape.percent && value < 0n)
      return value < this.low ? `percentage argument must be less or equal to ${-this.low}` : null;
    if (value >= this.low && value <= this.high) return null;
    const base = this.shape.octal ? 8 : 10;
    return `argument must be between ${this.low.toString(base)} and ${this.high.toString(base)} inclusive`;
  }

  text(): string {
    if (this.shape.percent && this.value < 0n) return `${-this.value}%`;
    return this.value.toString(this.shape.octal ? 8 : 10);
  }

  lines(name: string): readonly Line[] {
    const needed = this.value !== this.initial;
    if (this.shape.memory && this.value >= 0n) return [{ text: `${name} ${roundMemory(this.value)}`, needed }];
    return [{ text: `${name} ${this.text()}`, needed }];
  }

  field(): number {
    return Number(this.value);
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}

function isNumbers(range: Range): range is readonly [number | bigint, number | bigint] {
  return range !== null && typeof range[0] !== 'string';
}

function wordsOf(row: DirectiveRow): readonly string[] {
  const range = row[3];
  if (range === null || isNumbers(range)) throw new Error(`bad row ${row[0]}`);
  return range;
}

const notAWord = (words: readonly string[]): Taken =>
  refused(`argument(s) must be one of the following: ${words.join(', ')}`);

/** Two words of one meaning: oom-score-adj says `yes` for `relative`. */
const MEANS = new Map([['relative', 'yes']]);

export class OneOf implements Setting {
  private value: string;
  private readonly words: readonly string[];
  private readonly initial: string;

  constructor(row: DirectiveRow) {
    this.words = wordsOf(row);
    this.initial = this.value = String(row[2]);
  }

  take(args: readonly string[]): Taken {
    const word = cText(args[0] ?? '').toLowerCase();
    if (args.length !== 1 || !this.words.includes(word)) return notAWord(this.words);
    const before = this.value;
    this.value = MEANS.get(word) ?? word;
    return taken(this.value !== before);
  }

  text(): string {
    return this.value;
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${this.value}`, needed: this.value !== this.initial }];
  }

  field(): string {
    return this.value;
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}

/** Words that add up, in the order of the table. The first word means none of the others. */
export class SomeOf implements Setting {
  private value: readonly string[] = [];
  private readonly words: readonly string[];

  constructor(
    row: DirectiveRow,
    private readonly check: (words: readonly string[]) => string | null,
  ) {
    this.words = wordsOf(row);
  }

  take(args: readonly string[]): Taken {
    const given = args.map((word) => cText(word).toLowerCase());
    if (given.length === 0 || given.some((word) => !this.words.includes(word))) return notAWord(this.words);
    const value = this.words.slice(1).filter((word) => given.includes(word));
    const wrong = this.check(value);
    if (wrong !== null) return refused(wrong);
    const before = this.text();
    this.value = value;
    return taken(this.text() !== before);
  }

  text(): string {
    return this.value.length === 0 ? this.words[0]! : this.value.join(' ');
  }

  lines(name: string): readonly Line[] {
    return [{ text: `${name} ${this.text()}`, needed: this.value.length > 0 }];
  }

  field(): readonly string[] {
    return this.value;
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}

export class Text implements Setting {
  private value: string;
  private readonly mayBeNone: boolean;
  private readonly bytes: boolean;
  private readonly again: boolean;
  private readonly initial: string;

  constructor(
    row: DirectiveRow,
    private readonly check: Check,
  ) {
    this.initial = this.value = String(row[2]);
    this.mayBeNone = row[1].endsWith('or none');
    this.bytes = row[1].startsWith('bytes');
    this.again = row[4].includes('again');
  }

  take(args: readonly string[], _reading: Reading): Taken {
    const value = this.bytes ? (args[0] ?? '') : cText(args[0] ?? '');
    const wrong = this.check(value);
    if (wrong !== null) return refused(wrong);
    const before = this.value;
    this.value = value;
    return taken(value !== before || this.again);
  }

  text(): string {
    return this.value;
  }

  lines(name: string): readonly Line[] {
    if (this.mayBeNone && this.value === '') return [];
    return [{ text: `${name} ${quote(this.value)}`, needed: this.mayBeNone || this.value !== this.initial }];
  }

  field(): string {
    return this.value;
  }

  remember(): () => void {
    const { value } = this;
    return () => {
      this.value = value;
    };
  }
}
