/**
 * Libraries as they stand in RDB files, and in what FUNCTION DUMP gives.
 *
 *   FUNCTION2      │ code │                                                7.0 and later
 *   FUNCTION_PRE_GA│ name │ engine │ 0 or 1 │ description? │ code │        release candidates of 7.0: no first line yet
 */
import { viewOf } from '../../base/bytes.js';
import { MORE, OK, type RdbInput, RdbText } from '../rdb-input.js';
import { OPCODE } from '../rdb-layout.js';
import type { RdbOutput } from '../rdb-output.js';
import { Libraries } from './libraries.js';

export function isLibrary(opcode: number): boolean {
  return opcode === OPCODE.FUNCTION2 || opcode === OPCODE.FUNCTION_PRE_GA;
}

export function writeLibrary(out: RdbOutput, code: Uint8Array): void {
  out.byte(OPCODE.FUNCTION2);
  out.string(code, viewOf(code), 0, code.length);
}

/** The code of the library behind an opcode: a copy. MORE, or BAD, where it cannot be read. */
export function readCode(input: RdbInput, opcode: number): Uint8Array | number {
  return opcode === OPCODE.FUNCTION2 ? copyOfText(input) : readOldCode(input);
}

function copyOfText(input: RdbInput): Uint8Array | number {
  const text = new RdbText();
  const r = input.text(text);
  return r === OK ? text.copy() : r;
}

/** What was said beside the code goes into its first line; the description goes nowhere, as with redis. */
function readOldCode(input: RdbInput): Uint8Array | number {
  const name = copyOfText(input);
  if (typeof name === 'number') return name;
  const engine = copyOfText(input);
  if (typeof engine === 'number') return engine;
  const hasDescription = input.length();
  if (hasDescription < 0) return hasDescription;
  const description = hasDescription === 0 ? engine : copyOfText(input);
  if (typeof description === 'number') return description;
  const code = copyOfText(input);
  if (typeof code === 'number') return code;
  return Buffer.concat([Buffer.from('#!'), engine, Buffer.from(' name='), name, Buffer.from('\n'), code]);
}

/** The libraries of a payload without its footer; a text where it is none. */
export function readPayload(input: RdbInput): Libraries | string {
  const found = new Libraries();
  for (;;) {
    const opcode = input.byte();
    if (opcode === MORE) return found;
    if (!isLibrary(opcode)) return 'given type is not a function';
    const code = readCode(input, opcode);
    if (typeof code === 'number') return 'Failed loading library payload';
    const loaded = found.load(code, 'append');
    if (!loaded.ok) return loaded.why;
  }
}
