import { describe, expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';
import { type GoldenStream, readStreams } from '../support/streams-file.js';

/** Longer streams are not fed byte by byte. */
const SHORT = 400;

/** Where nothing is to be sent redis-server never closes such a connection, and never reads from it again. */
const CLOSED_BY_US = new Set(['CLIENT REPLY OFF and an error of the protocol', 'CLIENT REPLY SKIP and QUIT']);

/** An empty line counts as the request whose answer is skipped. For us it is nothing. */
const SKIPPED_BY_US = 'CLIENT REPLY SKIP and nothing at all';

const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ['limits', []],
  ['password', ['requirepass secret']],
];

describe.each(GROUPS)('streams of bytes as redis-server answers them: %s', (name, conf) => {
  const streams = readStreams(name);
  test.each(streams.map((stream) => [stream.title, stream] as const))('%s', (title, stream) => {
    if (title === SKIPPED_BY_US) return expect(converse(conf, stream, 65_536)).toEqual({ answer: '', closes: false });
    const closes = stream.closes || CLOSED_BY_US.has(title);
    expect(converse(conf, stream, 65_536)).toEqual({ answer: withoutId(stream.answer), closes });
  });

  const short = streams.filter(
    ({ title, writes }) => title !== SKIPPED_BY_US && writes.every((bytes) => bytes.length <= SHORT),
  );
  test.each(short.map((stream) => [stream.title, stream] as const))('byte by byte: %s', (title, stream) => {
    if (title.startsWith('HTTP: ') || title === 'HTTP')
      return expect(converse(conf, stream, 1).closes).toBe(stream.closes);
    const closes = stream.closes || CLOSED_BY_US.has(title);
    expect(converse(conf, stream, 1)).toEqual({ answer: withoutId(stream.answer), closes });
  });
});

function converse(conf: readonly string[], stream: GoldenStream, chunk: number): { answer: string; closes: boolean } {
  const connection = new LoneNode(...conf).connect();
  for (const bytes of stream.writes)
    for (let at = 0; at < bytes.length && connection.open; at += chunk) connection.send(bytes.subarray(at, at + chunk));
  return { answer: withoutId(connection.take()), closes: !connection.open };
}

/** HELLO tells the id of the connection. */
function withoutId(reply: string): string {
  return reply.replace(/\r\nid\r\n:\d+/g, '\r\nid\r\n:0');
}
