/**
 * What every directive can do, whatever its kind: take a value, show it, and say how CONFIG REWRITE writes it.
 *
 * Text in the configuration is a byte string: one character per byte, as in the file, so that a password may hold any
 * byte. `pathOf` makes a path of it.
 *
 *   arguments ── take() ──▶ value ──┬── text()   what CONFIG GET answers
 *                                   ├── lines()  what CONFIG REWRITE writes
 *                                   └── field()  what the program reads as `config.x`
 */
import { quote as quoteBytes, splitArguments as splitBytes } from '../../base/quoting.js';
import type { Act, DirectiveRow } from '../config-table.js';

/** `changed` is false where the value was already that: then no step of the node is needed. `note`: for the log. */
export type Taken = { ok: true; changed: boolean; note?: string } | { ok: false; error: string };

/** A line for the file. `needed`: it is written even where the file did not have the directive. */
export interface Line {
  readonly text: string;
  readonly needed: boolean;
}

/** What a value may depend on while it is read. */
export interface Reading {
  /** In a file `save` lines add up; CONFIG SET replaces. */
  readonly inFile: boolean;
}

export interface Setting {
  take(args: readonly string[], reading: Reading): Taken;
  text(): string;
  /** No line at all: the directive leaves the file. */
  lines(name: string): readonly Line[];
  field(): unknown;
  /** What puts the present value back. */
  remember(): () => void;
}

export interface Directive {
  readonly name: string;
  readonly row: DirectiveRow;
  readonly setting: Setting;
  /** Name of the field in `Config`. */
  readonly field: string;
  readonly act: Act | '';
  readonly severalArgs: boolean;
  readonly live: boolean;
  readonly protected: boolean;
  readonly busy: boolean;
  readonly hidden: boolean;
  readonly secret: boolean;
}

export const taken = (changed: boolean): Taken => ({ ok: true, changed });
export const refused = (error: string): Taken => ({ ok: false, error });

/** A path, a host name or a user name as JavaScript has it: the bytes are UTF-8. */
export function pathOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The bytes of text that came from the outside as JavaScript text: an argument, a folder. */
export function byteString(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Where C keeps text, it ends at the first zero byte. */
export function cText(bytes: string): string {
  const end = bytes.indexOf('\0');
  return end < 0 ? bytes : bytes.slice(0, end);
}

/** The arguments of a line; null where quotes are unbalanced. */
export function splitArguments(line: string): string[] | null {
  return splitBytes(Buffer.from(line, 'latin1'))?.map((argument) => argument.toString('latin1')) ?? null;
}

/** In double quotes, with escapes for whatever could be misread. */
export function quote(text: string): string {
  return quoteBytes(Buffer.from(text, 'latin1'));
}
