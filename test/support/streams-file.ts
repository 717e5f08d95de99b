/**
 * Golden files of raw streams: what a client writes, what redis-server 7.0.15 answers, and whether it closes then.
 * The form, and who records them: test/golden/streams/record.mjs.
 */
import { readFileSync } from 'node:fs';

export interface GoldenStream {
  readonly title: string;
  readonly writes: Buffer[];
  answer: string;
  closes: boolean;
}

export function readStreams(name: string): GoldenStream[] {
  const text = readFileSync(new URL(`../golden/streams/${name}.txt`, import.meta.url), 'utf8');
  const streams: GoldenStream[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('## ')) streams.push({ title: line.slice(3), writes: [], answer: '', closes: false });
    const last = streams.at(-1);
    if (last === undefined) continue;
    if (line.startsWith('> ')) last.writes.push(Buffer.from(unprinted(line.slice(2)), 'latin1'));
    else if (line.startsWith('  ')) last.answer += unprinted(line.slice(2));
    else if (line === 'closed') last.closes = true;
  }
  return streams;
}

const LETTERS: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '\\': '\\' };

function unprinted(text: string): string {
  const plain = text.replace(/\{(.)\*(\d+)\}/g, (_, letter: string, count: string) => letter.repeat(Number(count)));
  return plain.replace(/\\(x([0-9a-f]{2})|[rnt\\])/g, (_, code: string, hex: string | undefined) =>
    hex === undefined ? (LETTERS[code] ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
