/**
 * Plays a golden file against the handlers: one test a case, one expectation a command.
 *
 *   playGolden('strings');
 */
import { describe, expect, test } from 'vitest';
import { type Reply, ReplyReader } from '../../src/resp/reply-reader.js';
import { Commander } from './commander.js';
import { type Comparison, type GoldenCase, type GoldenStep, readGolden } from './golden-file.js';

export function playGolden(group: string): void {
  describe(`as Redis answers: ${group}`, () => {
    test.each(readGolden(group).map((golden) => [golden.title, golden] as const))('%s', (_, golden) => {
      playCase(golden);
    });
  });
}

function playCase(golden: GoldenCase): void {
  const server = new Commander();
  for (const step of golden.steps) playStep(server, step);
}

function playStep(server: Commander, step: GoldenStep): void {
  if (step.kind === 'resp') server.session.resp = step.version;
  else if (step.kind === 'wait') server.now += step.ms;
  else if (step.kind === 'config') configure(server, step.name, step.value);
  else {
    const reply = server.runBytes(step.args);
    if (step.compare === 'none') return;
    const said = `line ${step.line}: ${step.text}`;
    expect(printed(reply, step.compare), said).toEqual(printed(step.reply, step.compare));
  }
}

/** A directive of redis.conf, as far as the engine reads it. */
function configure({ engine, settings }: Commander, name: string, value: string): void {
  if (name === 'sanitize-dump-payload') return; // always
  const field = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (field in engine.values.limits) Object.assign(engine.values.limits, { [field]: Number(value) });
  else if (name === 'rdbcompression') settings.rdbcompression = value === 'yes';
  else if (name === 'proto-max-bulk-len') engine.maxStringBytes = Number(value);
  else if (name === 'maxmemory-policy') {
    engine.usage = value.endsWith('lfu') ? 'lfu' : 'lru';
    engine.setClock(engine.now);
  } else throw new Error(`the engine has no ${name}`);
}

/** Bytes as one string, or as the sorted elements of an array of strings. */
export function printed(bytes: Buffer, compare: Comparison): string | string[] {
  const text = bytes.toString('latin1');
  if (compare === 'exact' || !'*~%'.includes(text.charAt(0))) return text;
  const elements = elementsOf(bytes);
  const step = compare === 'bag' ? 1 : 2;
  const bag: string[] = [];
  for (let i = 0; i < elements.length; i += step) bag.push(JSON.stringify(elements.slice(i, i + step)));
  return bag.sort();
}

function elementsOf(bytes: Buffer): string[] {
  const replies: Reply[] = [];
  const reader = new ReplyReader({
    onReply: (reply) => replies.push(reply),
    onGarbage: (reason) => expect.fail(reason),
  });
  reader.feed(asResp2(bytes));
  const [reply] = replies;
  if (!Array.isArray(reply)) throw new Error('no array');
  return reply.map((element) => (Buffer.isBuffer(element) ? element.toString('latin1') : JSON.stringify(element)));
}

/** Sets and maps of RESP3 as arrays: only their outermost header is of another kind. */
function asResp2(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n');
  const count = Number(text.slice(1, end)) * (text.startsWith('%') ? 2 : 1);
  return Buffer.from(`*${count}${text.slice(end)}`, 'latin1');
}
