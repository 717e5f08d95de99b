/**
 * Golden files of commands: what a client sends, line by line, and under each line what Redis 7.0.15 answers.
 *
 *   ## SET with options               a case: starts on an empty server, is one test
 *   # why this is odd                 a comment
 *   SET k v NX                        a command, quoted as inline requests are
 *     +OK                             the reply, two blanks in; each line stands for what it says and CRLF
 *   ~ KEYS *                          the elements of the reply come in any order      (~2: in any order of pairs)
 *   ? RANDOMKEY                       runs, but the reply depends on chance or the clock: not compared
 *   @resp 3                           from here on in RESP3
 *   @wait 20                          so many ms pass
 *   @config list-max-ziplist-size 4   CONFIG SET, for this case
 *
 * In a reply a backslash, and what does not print, is written \xNN. One writes the commands; the replies come from
 * `node test/golden/record.mjs <group>`, which needs a redis-server. The tests need none.
 */
import { readFileSync } from 'node:fs';
import { splitArguments } from '../../src/base/quoting.js';

/** How a reply is compared: as it is, as a bag of elements or of pairs, or not at all. */
export type Comparison = 'exact' | 'bag' | 'bag of pairs' | 'none';

export type GoldenStep =
  | { kind: 'command'; line: number; text: string; args: Buffer[]; compare: Comparison; reply: Buffer }
  | { kind: 'resp'; version: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'config'; name: string; value: string };

export interface GoldenCase {
  readonly title: string;
  readonly steps: GoldenStep[];
}

const COMPARISONS: Readonly<Record<string, Comparison>> = { '~': 'bag', '~2': 'bag of pairs', '?': 'none' };

export function readGolden(group: string): GoldenCase[] {
  const text = readFileSync(new URL(`../golden/replies/${group}.txt`, import.meta.url), 'utf8');
  return parseGolden(text);
}

export function parseGolden(text: string): GoldenCase[] {
  const cases: GoldenCase[] = [];
  let steps: GoldenStep[] = [];
  text.split('\n').forEach((line, at) => {
    if (line.startsWith('## ')) cases.push({ title: line.slice(3), steps: (steps = []) });
    else if (line.startsWith('  ')) addReplyLine(steps.at(-1), line.slice(2));
    else if (line !== '' && !line.startsWith('#')) steps.push(readStep(line, at + 1));
  });
  return cases;
}

function addReplyLine(step: GoldenStep | undefined, line: string): void {
  if (step?.kind !== 'command') throw new Error(`a reply to nothing: ${line}`);
  const bytes = line.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  step.reply = Buffer.concat([step.reply, Buffer.from(`${bytes}\r\n`, 'latin1')]);
}

function readStep(line: string, at: number): GoldenStep {
  const [first = '', ...rest] = line.split(' ');
  if (first === '@resp') return { kind: 'resp', version: Number(rest[0]) };
  if (first === '@wait') return { kind: 'wait', ms: Number(rest[0]) };
  if (first === '@config') return { kind: 'config', name: rest[0] ?? '', value: rest[1] ?? '' };
  const compare = COMPARISONS[first];
  const text = compare === undefined ? line : rest.join(' ');
  const args = splitArguments(Buffer.from(text, 'utf8'));
  if (args === null) throw new Error(`line ${at}: quotes`);
  return { kind: 'command', line: at, text, args, compare: compare ?? 'exact', reply: Buffer.alloc(0) };
}
