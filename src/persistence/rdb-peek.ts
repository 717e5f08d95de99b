/**
 * Whether an RDB file has any key in it, by a look at its first bytes.
 *
 *   REDIS0010 ▸ AUX name value ▸ AUX … ▸ FUNCTION2 code ▸ …     passed over
 *                                         EOF                   no key
 *                                         anything else         keys, or what loading will find to be broken
 */
import { MORE, OK, RdbInput, RdbText } from './rdb-input.js';
import { MAGIC_BYTES, OPCODE } from './rdb-layout.js';

export type Content = 'keys' | 'none' | 'not-known-yet';

/** How many strings follow what is passed over. */
const STRINGS: ReadonlyMap<number, number> = new Map([
  [OPCODE.AUX, 2],
  [OPCODE.FUNCTION2, 1],
]);

/** `head`: the first bytes of the file; where they do not suffice, that is not known yet. */
export function contentOf(head: Uint8Array): Content {
  const input = new RdbInput(false);
  const text = new RdbText();
  input.accept(head.subarray(MAGIC_BYTES));
  for (;;) {
    const opcode = input.byte();
    if (opcode === MORE) return 'not-known-yet';
    if (opcode === OPCODE.EOF) return 'none';
    const strings = STRINGS.get(opcode);
    if (strings === undefined) return 'keys';
    for (let i = 0; i < strings; i++) {
      const r = input.text(text);
      if (r !== OK) return r === MORE ? 'not-known-yet' : 'keys';
    }
  }
}
