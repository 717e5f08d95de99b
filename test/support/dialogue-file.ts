/**
 * Golden files of dialogues: what several clients of one server say, line by line, and under each line what anybody
 * heard from Redis 7.0.15 after it.
 *
 *   ## A message reaches its channel      a case: starts on an empty server, is one test
 *   # why this is odd                     a comment
 *   A SUBSCRIBE news                      client A says this, quoted as inline requests are; it connects when it first
 *     A *3                                speaks. What A heard, two blanks in; each line stands for what it says and
 *     A $9                                CRLF
 *   B PUBLISH news hello
 *     A *3                                what A heard meanwhile
 *     B :1
 *   @resp A 3                             from here on A speaks RESP3 (HELLO; its answer is not compared)
 *   @leave A                              its connection ends
 *   @wait 20                              so many ms pass
 *   @config notify-keyspace-events KEA    CONFIG SET, for this case
 *
 * A backslash, and what does not print, is written \xNN; a connection that the server ends says `(closed)`. One writes
 * what is said; what is heard comes from `node test/golden/dialogues/record.mjs <group>`, which needs a redis-server.
 * The tests need none.
 */
import { readFileSync } from 'node:fs';
import { splitArguments } from '../../src/base/quoting.js';

export type DialogueStep = { line: number; text: string; heard: Map<string, string> } & (
  | { kind: 'say'; who: string; args: Buffer[] }
  | { kind: 'leave'; who: string }
  | { kind: 'resp'; who: string; version: string }
  | { kind: 'wait'; ms: number }
  | { kind: 'config'; name: string; value: string }
);

export interface Dialogue {
  readonly title: string;
  readonly steps: DialogueStep[];
}

export function readDialogues(group: string): Dialogue[] {
  const text = readFileSync(new URL(`../golden/dialogues/${group}.txt`, import.meta.url), 'utf8');
  const dialogues: Dialogue[] = [];
  let steps: DialogueStep[] = [];
  text.split('\n').forEach((line, at) => {
    if (line.startsWith('## ')) dialogues.push({ title: line.slice(3), steps: (steps = []) });
    else if (line.startsWith('  ')) addHeard(steps.at(-1), line.slice(2));
    else if (line !== '' && !line.startsWith('#')) steps.push(readStep(line, at + 1));
  });
  return dialogues;
}

function addHeard(step: DialogueStep | undefined, line: string): void {
  if (step === undefined) throw new Error(`heard before anything was said: ${line}`);
  const who = line.slice(0, line.indexOf(' '));
  const bytes = line.slice(who.length + 1).replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => unhexed(hex));
  step.heard.set(who, `${step.heard.get(who) ?? ''}${bytes}\r\n`);
}

function unhexed(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

function readStep(text: string, line: number): DialogueStep {
  const [first = '', second = '', third = ''] = text.split(' ');
  const step = { line, text, heard: new Map<string, string>() };
  if (first === '@wait') return { ...step, kind: 'wait', ms: Number(second) };
  if (first === '@config') return { ...step, kind: 'config', name: second, value: third };
  if (first === '@resp') return { ...step, kind: 'resp', who: second, version: third };
  if (first === '@leave') return { ...step, kind: 'leave', who: second };
  const args = splitArguments(Buffer.from(text.slice(first.length + 1), 'utf8'));
  if (args === null) throw new Error(`line ${line}: quotes`);
  return { ...step, kind: 'say', who: first, args };
}
