/**
 * `sextet check-rdb FILE`: what stands in an RDB file, and where it is damaged first.
 *
 *   [offset 0] Checking RDB file dump.rdb        lines, words and exit codes as redis-check-rdb has them: 0 sound,
 *   …                                            1 damaged or unreadable
 *   database  form   keys …                      and a table of what was found, up to the damage if there is one
 *
 * The file is only read.
 */
import { type RdbDamage, RdbFile, formName } from '../kit/rdb-file.js';
import type { Told } from './arguments.js';
import { fileOf, walk } from './file-walk.js';
import { printable, shownKey } from './key-text.js';
import { Tally, tallyTable } from './rdb-tally.js';
import type { Terminal } from './terminal.js';

const KEY_CHARS = 128;

export async function runCheckRdb(told: Told, terminal: Terminal): Promise<number> {
  const file = await sayRdb(fileOf(told), terminal);
  if (file === null) return 1;
  const { damage, trailingBytes } = file;
  if (trailingBytes > 0) terminal.say(`\n[info] ${trailingBytes} bytes behind the end of the RDB file`);
  return damage === null ? 0 : 1;
}

/** Looks through the file, or the part of it that is an RDB file, and says what it is; null where nobody listened. */
export async function sayRdb(path: string, terminal: Terminal): Promise<RdbFile | null> {
  const tally = new Tally(Date.now());
  const say = (offset: number, text: string): void => terminal.say(`[offset ${offset}] ${printable(text)}`);
  const file = new RdbFile(path, { key: (key) => tally.add(key), note: say });
  say(0, `Checking RDB file ${path}`);
  if (!(await walk(file, terminal))) return null;
  const { damage } = file;
  if (damage === null) say(file.endsAt, '\\o/ RDB looks OK! \\o/');
  else sayDamage(damage, terminal);
  terminal.say(`[info] ${tally.keys} keys read`);
  terminal.say(`[info] ${tally.mortals} expires`);
  terminal.say(`[info] ${tally.expired} already expired`);
  if (file.libraries > 0) terminal.say(`[info] ${file.libraries} libraries of functions`);
  if (file.emptyKeys > 0) terminal.say(`[info] ${file.emptyKeys} empty keys, which loading leaves out`);
  if (tally.keys > 0) terminal.say(`\n${tallyTable(tally, terminal)}`);
  return file;
}

function sayDamage({ reason, offset, doing, key }: RdbDamage, terminal: Terminal): void {
  terminal.say('--- RDB ERROR DETECTED ---');
  terminal.say(`[offset ${offset}] ${printable(reason)}`);
  terminal.say(`[additional info] While doing: ${doing}`);
  if (key === null) return;
  terminal.say(`[additional info] Reading key '${shownKey(key.key, KEY_CHARS)}'`);
  terminal.say(`[additional info] Reading type ${key.rdbType} (${formName(key.rdbType)})`);
  terminal.say(`[additional info] All before offset ${key.offset}, where this key begins, was read`);
}
