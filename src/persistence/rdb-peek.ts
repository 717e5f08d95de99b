/**
 * Whether an RDB file has any key in it, by a look at its first bytes.
 *
 *   REDIS0010 ▸ AUX name value ▸ AUX … ▸ FUNCTION2 code ▸ …     passed over
 *                                         EOF                   no key
 *                                         anything else         keys, or what loading will find to be broken
 */
import { isLibrary, readCode } from './functions/library-form.js';
import { MORE, OK, RdbInput, RdbText } from './rdb-input.js';
import { MAGIC_BYTES, OPCODE } from './rdb-layout.js';

export type Content = 'keys' | 'none' | 'not-known-yet';

/** `head`: the first bytes of the file; where they do not suffice, that is not known yet. */
export function contentOf(head: Uint8Array): Content {
  const input = new RdbInput(false);
  const text = new RdbText();
  input.accept(head.subarray(MAGIC_BYTES));
  for (;;) {
    const opcode = input.byte();
    if (opcode === MORE) return 'not-known-yet';
    if (opcode === OPCODE.EOF) return 'none';
    if (opcode !== OPCODE.AUX && !isLibrary(opcode)) return 'keys';
    const r = isLibrary(opcode) ? passLibrary(input, opcode) : passAux(input, text);
    if (r !== OK) return r === MORE ? 'not-known-yet' : 'keys';
  }
}

function passAux(input: RdbInput, text: RdbText): number {
  const name = input.text(text);
  return name === OK ? input.text(text) : name;
}

function passLibrary(input: RdbInput, opcode: number): number {
  const code = readCode(input, opcode);
  return typeof code === 'number' ? code : OK;
}
