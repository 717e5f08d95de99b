/**
 * Golden files of the stream: what clients say, and under each line what Redis 7.0.15 then tells its replicas.
 *
 *   ## SET with options                a case: starts on an empty server, active expiry off; database 0 is selected
 *   SET k v EX 10                      a command, quoted as inline requests are
 *     SET k v PXAT {now+10000}         the stream (test/support/stream-text.ts), two blanks in
 *   2> SELECT 1                        said by the second client
 *   2& BLPOP k 0                       the same; it is not answered yet
 *   @wait 20                           so many ms pass
 *   @config lazyfree-lazy-expire yes   CONFIG SET, for this case
 *
 * One writes the commands; the stream comes from test/golden/propagation/record.mjs. The tests need no redis-server.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { splitArguments } from '../../src/base/quoting.js';

const FOLDER = new URL('../golden/propagation/', import.meta.url);

export interface PropagationStep {
  readonly line: number;
  readonly text: string;
  /** 0 or 1; or what passes, or is set. */
  readonly client: number;
  readonly args: readonly Buffer[];
  readonly waitMs: number;
  readonly stream: string[];
}

export interface PropagationCase {
  readonly title: string;
  readonly steps: PropagationStep[];
}

export function propagationGroups(): string[] {
  return readdirSync(FOLDER).flatMap((name) => (name.endsWith('.txt') ? [name.slice(0, -'.txt'.length)] : []));
}

export function readPropagation(group: string): PropagationCase[] {
  const cases: PropagationCase[] = [];
  let steps: PropagationStep[] = [];
  const text = readFileSync(new URL(`${group}.txt`, FOLDER), 'utf8');
  text.split('\n').forEach((line, at) => {
    if (line.startsWith('## ')) cases.push({ title: line.slice(3), steps: (steps = []) });
    else if (line.startsWith('  ')) steps.at(-1)?.stream.push(line.slice(2));
    else if (line !== '' && !line.startsWith('#')) steps.push(readStep(line, at + 1));
  });
  return cases;
}

function readStep(text: string, line: number): PropagationStep {
  const step = { line, text, client: 0, args: [], waitMs: 0, stream: [] };
  if (text.startsWith('@wait ')) return { ...step, waitMs: Number(text.split(' ')[1]) };
  const isConfig = text.startsWith('@config ');
  const said = isConfig ? `CONFIG SET ${text.slice('@config '.length)}` : text.replace(/^2[>&] /, '');
  const args = splitArguments(Buffer.from(said, 'utf8'));
  if (args === null) throw new Error(`line ${line}: quotes`);
  return { ...step, client: /^2[>&] /.test(text) ? 1 : 0, args };
}
