/**
 * Passes over values that are not known here, byte by byte as they arrive: streams, and what modules wrote.
 *
 *   stream    nodes: { id, listpack } … │ entries │ ids and counts │ groups: { name, ids, pending …, consumers … } …
 *   module    id │ { 1, 2 number · 3 float · 4 double · 5 string } … │ 0
 *
 * Their form is enough to know where they end; what they say is not looked at. Nothing is held but one string.
 */
import { BAD, MORE, OK, type RdbInput, RdbText } from '../rdb-input.js';
import { TYPE } from '../rdb-layout.js';

/** A string, a length, the length that says how many entries there are, raw bytes; or a count and so often a list. */
type Part = 'text' | 'length' | 'entries' | number | readonly Part[];

const ID_BYTES = 16;
const TIME_BYTES = 8;
const TOP_ID: readonly Part[] = ['length', 'length'];
const PENDING: Part = [ID_BYTES, TIME_BYTES, 'length'];
const NODES: Part = ['text', 'text'];

/** Streams of 5.0, of 7.0 (first and deleted ids, counters), and of 7.2 (when a consumer was active). */
const STREAMS: ReadonlyMap<number, readonly Part[]> = new Map([
  [TYPE.STREAM_LISTPACKS, [NODES, 'entries', ...TOP_ID, ['text', ...TOP_ID, PENDING, consumer(TIME_BYTES)]]],
  [TYPE.STREAM_LISTPACKS_2, laterStream(TIME_BYTES)],
  [TYPE.STREAM_LISTPACKS_3, laterStream(2 * TIME_BYTES)],
]);

function consumer(timeBytes: number): Part {
  return ['text', timeBytes, [ID_BYTES]];
}

function laterStream(timeBytes: number): readonly Part[] {
  const groups: Part = ['text', ...TOP_ID, 'length', PENDING, consumer(timeBytes)];
  return [NODES, 'entries', ...TOP_ID, ...TOP_ID, ...TOP_ID, 'length', groups];
}

/** What follows each opcode of a module's value. */
const MODULE_END = 0;
const MODULE_PARTS: ReadonlyMap<number, Part> = new Map<number, Part>([
  [1, 'length'],
  [2, 'length'],
  [3, 4],
  [4, 8],
  [5, 'text'],
]);

/** A list of parts that is being passed: which comes next, and how often all of it is still to come. */
interface Frame {
  readonly parts: readonly Part[];
  next: number;
  left: number;
}

export class ForeignValue {
  /** Entries of a stream; null for others. */
  entries: number | null = null;
  private readonly text = new RdbText();
  private frames: Frame[] = [];
  private isModule = false;
  /** What the last opcode of a module announced. */
  private due: Part | null = null;

  static knows(type: number): boolean {
    return STREAMS.has(type) || type === TYPE.MODULE_2;
  }

  /** Begins a value whose type is known. */
  begin(type: number): void {
    const parts = STREAMS.get(type);
    this.entries = null;
    this.due = null;
    this.isModule = parts === undefined;
    this.frames = parts === undefined ? [] : [{ parts, next: 0, left: 1 }];
  }

  /** OK behind the end; MORE, to be called again when there are more bytes; BAD. */
  step(input: RdbInput): number {
    for (;;) {
      const start = input.p;
      const r = this.isModule ? this.passModulePart(input) : this.passPart(input);
      if (r === MORE) return input.retreat(start);
      if (r === BAD) return BAD;
      if (this.isModule ? r === DONE : this.frames.length === 0) return OK;
    }
  }

  private passPart(input: RdbInput): number {
    const frame = this.frames[this.frames.length - 1];
    if (frame.left === 0) {
      this.frames.pop();
      return OK;
    }
    const part = frame.parts[frame.next];
    if (typeof part !== 'object') {
      const r = this.pass(input, part);
      return r === OK ? advance(frame) : r;
    }
    const count = input.length();
    if (count < 0) return count;
    advance(frame);
    this.frames.push({ parts: part, next: 0, left: count });
    return OK;
  }

  private pass(input: RdbInput, part: Exclude<Part, readonly Part[]>): number {
    if (part === 'text') return input.text(this.text);
    if (typeof part === 'number') {
      if (!input.has(part)) return MORE;
      input.p += part;
      return OK;
    }
    const n = input.length();
    if (n < 0) return n;
    if (part === 'entries') this.entries = n;
    return OK;
  }

  private passModulePart(input: RdbInput): number {
    const { due } = this;
    if (due !== null && typeof due !== 'object') {
      const r = this.pass(input, due);
      if (r === OK) this.due = null;
      return r;
    }
    const opcode = input.length();
    if (opcode === MODULE_END) return DONE;
    if (opcode < 0) return opcode;
    this.due = MODULE_PARTS.get(opcode) ?? null;
    return this.due === null ? BAD : OK;
  }
}

/** A module's value has ended. */
const DONE = 1;

function advance(frame: Frame): number {
  frame.next++;
  if (frame.next < frame.parts.length) return OK;
  frame.next = 0;
  frame.left--;
  return OK;
}
