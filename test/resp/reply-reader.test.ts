/** Replies as values: a table of what comes out, and that it comes out the same however the bytes are cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRequest, type Reply, ReplyError, ReplyReader } from '../../src/resp/reply-reader.js';

interface Heard {
  replies: Reply[];
  garbage: string[];
}

function read(...chunks: Buffer[]): Heard {
  const heard: Heard = { replies: [], garbage: [] };
  const reader = new ReplyReader({
    onReply: (reply) => heard.replies.push(reply),
    onGarbage: (reason) => heard.garbage.push(reason),
  });
  for (const chunk of chunks) reader.feed(chunk);
  return heard;
}

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('what comes out', () => {
  test.each<[string, string, Reply[]]>([
    ['a status', '+OK\r\n', [bytes('OK')]],
    ['bulk text', '$5\r\nhello\r\n', [bytes('hello')]],
    ['an empty text', '$0\r\n\r\n', [bytes('')]],
    ['line ends inside a text', '$4\r\n\r\n\r\n\r\n', [bytes('\r\n\r\n')]],
    ['bytes that are no UTF-8', '$3\r\n\x00\xff\x80\r\n', [Buffer.from([0, 255, 128])]],
    ['no text', '$-1\r\n', [null]],
    ['no array', '*-1\r\n', [null]],
    ['an empty array', '*0\r\n', [[]]],
    ['numbers', ':0\r\n:100\r\n:-7\r\n', [0, 100, -7]],
    ['the largest number of a server', ':9223372036854775807\r\n', [9223372036854775807n]],
    ['the smallest number of a server', ':-9223372036854775808\r\n', [-9223372036854775808n]],
    ['an error', '-MOVED 12182 127.0.0.1:7002\r\n', [new ReplyError('MOVED 12182 127.0.0.1:7002')]],
    ['an error in an array', '*2\r\n:1\r\n-ERR no\r\n', [[1, new ReplyError('ERR no')]]],
    ['arrays in arrays', '*2\r\n*1\r\n:1\r\n*1\r\n$1\r\na\r\n', [[[1], [bytes('a')]]]],
    ['replies in a row', '+A\r\n:1\r\n', [bytes('A'), 1]],
  ])('%s', (_, wire, expected) => {
    expect(read(bytes(wire))).toEqual({ replies: expected, garbage: [] });
    expect(read(...[...bytes(wire)].map((byte) => Buffer.from([byte])))).toEqual({ replies: expected, garbage: [] });
  });

  test('the code of an error is its first word', () => {
    expect(new ReplyError('MOVED 12182 127.0.0.1:7002').code).toBe('MOVED');
    expect(new ReplyError('EXECABORT').code).toBe('EXECABORT');
  });
});

describe('what is no RESP2', () => {
  test('what came before it is delivered, what comes after it is not', () => {
    const heard = read(bytes('+A\r\nHTTP/1.1 400\r\n'), bytes('+B\r\n'));
    expect(heard.replies).toEqual([bytes('A')]);
    expect(heard.garbage).toEqual(['Protocol error, got "H" as reply type byte']);
  });

  test('an array of impossible length', () => {
    expect(read(bytes('*99999999999\r\n')).garbage).toHaveLength(1);
  });

  test('arrays nested beyond the stack', () => {
    expect(read(bytes('*1\r\n'.repeat(200_000))).garbage).toHaveLength(1);
  });

  test('an integer of other bytes than digits does not make it throw', () => {
    const junk = Array.from({ length: 40 }, (_, i) => Buffer.from([58, 255 - i, 255, 250, 255, 240, 255, 255, 13, 10]));
    expect(() => read(...junk)).not.toThrow();
    expect(() => read(Buffer.from(`:${'\xff'.repeat(60)}\r\n`, 'latin1'))).not.toThrow();
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        expect(read(...chunks.map((chunk) => Buffer.from(chunk))).garbage.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test('a request is counted in bytes, not in letters', () => {
  expect(encodeRequest(['SET', 'ä', Buffer.from([0, 255])]).toString('latin1')).toBe(
    '*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xa4\r\n$2\r\n\x00\xff\r\n',
  );
});
