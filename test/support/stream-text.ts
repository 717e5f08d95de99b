/**
 * A stream of commands as text for golden files: one command a line, its words parted by blanks.
 *
 *   SET k "a b" PXAT {now+10000}
 *
 * A word of other than plain letters is quoted, its odd bytes are written \xNN. A number that is a moment near the
 * present one, in ms, is written as how far away it is, rounded to a tenth of a second.
 */

const MARK = 42; // '*'
/** Moments as far away as this are told from the present one. */
const NEAR_MS = 100_000_000;
const STEP_MS = 100;

export function linesOf(bytes: Buffer, now: number): string[] {
  return commandsIn(bytes).map((words) => words.map((word) => written(word, now)).join(' '));
}

/** All commands of a stream; what is none of RESP throws. */
export function commandsIn(bytes: Buffer): Buffer[][] {
  const commands: Buffer[][] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== MARK) throw new Error(`no command: ${bytes.subarray(at, at + 40).toString('latin1')}`);
    const [count, first] = numberAt(bytes, at);
    at = first;
    const words: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const [length, start] = numberAt(bytes, at);
      words.push(bytes.subarray(start, start + length));
      at = start + length + 2;
    }
    commands.push(words);
  }
  return commands;
}

function numberAt(bytes: Buffer, at: number): [value: number, next: number] {
  const end = bytes.indexOf('\r\n', at);
  return [Number(bytes.toString('latin1', at + 1, end)), end + 2];
}

function written(word: Buffer, now: number): string {
  const text = word.toString('latin1');
  if (/^\d{13}$/.test(text) && Math.abs(Number(text) - now) < NEAR_MS) {
    const away = Math.round((Number(text) - now) / STEP_MS) * STEP_MS;
    return `{now${away < 0 ? '' : '+'}${away}}`;
  }
  if (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) return text;
  const plain = text.replace(/["\\]|[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${plain}"`;
}
