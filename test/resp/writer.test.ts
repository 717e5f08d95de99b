import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { viewOf } from '../../src/base/bytes.js';
import { ReplyWriter } from '../../src/resp/writer.js';
import { tries } from '../support/tries.js';

function written(write: (reply: ReplyWriter) => void, resp: 2 | 3): string {
  const reply = new ReplyWriter();
  reply.resp = resp;
  write(reply);
  return Buffer.concat([...reply.takeSpilled()]).toString('latin1');
}

type Write = (reply: ReplyWriter) => void;

/** Written with everything in place, as most replies are: nothing was set aside. */
function plain(write: Write, resp: 2 | 3): string {
  const reply = new ReplyWriter();
  reply.resp = resp;
  write(reply);
  return reply.buf.toString('latin1', 0, reply.pos);
}

// biome-ignore format: a table
test.each<[string, Write, string, string]>([
  // what                 written by                                  in RESP2                      in RESP3
  ['OK',                  (r) => r.ok(),                              '+OK\r\n',                    '+OK\r\n'],
  ['a status',            (r) => r.simple('PONG'),                    '+PONG\r\n',                  '+PONG\r\n'],
  ['a forged status',     (r) => r.simple('a\r\n+b'),                 '+a  +b\r\n',                 '+a  +b\r\n'],
  ['an error',            (r) => r.error('ERR no'),                   '-ERR no\r\n',                '-ERR no\r\n'],
  ['no value',            (r) => r.nil(),                             '$-1\r\n',                    '_\r\n'],
  ['no array',            (r) => r.nilArray(),                        '*-1\r\n',                    '_\r\n'],
  ['yes',                 (r) => r.boolean(true),                     ':1\r\n',                     '#t\r\n'],
  ['no',                  (r) => r.boolean(false),                    ':0\r\n',                     '#f\r\n'],
  ['0',                   (r) => r.integer(0),                        ':0\r\n',                     ':0\r\n'],
  ['9',                   (r) => r.integer(9),                        ':9\r\n',                     ':9\r\n'],
  ['10',                  (r) => r.integer(10),                       ':10\r\n',                    ':10\r\n'],
  ['-1',                  (r) => r.integer(-1),                       ':-1\r\n',                    ':-1\r\n'],
  ['2^53-1', (r) => r.integer(2 ** 53 - 1), ':9007199254740991\r\n', ':9007199254740991\r\n'],
  ['2^63-1', (r) => r.bigInteger(2n ** 63n - 1n), ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
  ['an empty array',      (r) => r.arrayHeader(0),                    '*0\r\n',                     '*0\r\n'],
  ['an array of 10',      (r) => r.arrayHeader(10),                   '*10\r\n',                    '*10\r\n'],
  ['a map of 2',          (r) => r.mapHeader(2),                      '*4\r\n',                     '%2\r\n'],
  ['a map of 5',          (r) => r.mapHeader(5),                      '*10\r\n',                    '%5\r\n'],
  ['a set of 3',          (r) => r.setHeader(3),                      '*3\r\n',                     '~3\r\n'],
  ['a push of 3',         (r) => r.pushHeader(3),                     '*3\r\n',                     '>3\r\n'],
  ['an empty string',     (r) => r.bulkText(''),                      '$0\r\n\r\n',                 '$0\r\n\r\n'],
  ['a string',            (r) => r.bulkText('hello'),                 '$5\r\nhello\r\n',            '$5\r\nhello\r\n'],
  ['bytes',               (r) => r.bulkBytes(Buffer.from([0, 255])),  '$2\r\n\0\xff\r\n',           '$2\r\n\0\xff\r\n'],
  ['digits',              (r) => r.bulkInteger(-120),                 '$4\r\n-120\r\n',             '$4\r\n-120\r\n'],
  ['a text for people', (r) => r.verbatim('hello'), '$5\r\nhello\r\n', '=9\r\ntxt:hello\r\n'],
  ['a whole score',       (r) => r.double(3),                         '$1\r\n3\r\n',                ',3\r\n'],
  ['a score',             (r) => r.double(0.5),                       '$3\r\n0.5\r\n',              ',0.5\r\n'],
  ['an odd score', (r) => r.double(0.1), '$19\r\n0.10000000000000001\r\n', ',0.10000000000000001\r\n'],
  ['minus zero',          (r) => r.double(-0),                        '$2\r\n-0\r\n',               ',-0\r\n'],
  ['infinity',            (r) => r.double(-Infinity),                 '$4\r\n-inf\r\n',             ',-inf\r\n'],
  ['a help text', (r) => r.lines(['a', 'b']), '*2\r\n+a\r\n+b\r\n', '*2\r\n+a\r\n+b\r\n'],
  ['an array, at last', (r) => headerLast(r, (at) => r.arrayAt(at, 1)), 'x*1\r\n$1\r\na\r\n', 'x*1\r\n$1\r\na\r\n'],
  ['a map, at last', (r) => headerLast(r, (at) => r.mapAt(at, 1)), 'x*2\r\n$1\r\na\r\n', 'x%1\r\n$1\r\na\r\n'],
  ['a set, at last', (r) => headerLast(r, (at) => r.setAt(at, 12)), 'x*12\r\n$1\r\na\r\n', 'x~12\r\n$1\r\na\r\n'],
])('%s', (_, write, resp2, resp3) => {
  expect(plain(write, 2)).toBe(resp2);
  expect(plain(write, 3)).toBe(resp3);
  expect(written(write, 3)).toBe(resp3);
});

function headerLast(reply: ReplyWriter, put: (mark: number) => void): void {
  reply.raw('x');
  const mark = reply.mark();
  reply.bulkText('a');
  put(mark);
}

test('any slice of any buffer is copied as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(700), fc.nat(700), (bytes, a, b) => {
      const [from, to] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
      const reply = new ReplyWriter();
      reply.bulk(bytes, viewOf(bytes), from, to - from);
      const said = Buffer.from(bytes.subarray(from, to)).toString('latin1');
      expect(reply.buf.toString('latin1', 0, reply.pos)).toBe(`$${said.length}\r\n${said}\r\n`);
    }),
  );
});

describe('replies that outgrow the buffer', () => {
  const BIG = 300_000;

  /** One step of a handler that writes a lot; marks are remembered, headers and drops refer to one of them. */
  type Step =
    | { kind: 'bulk'; size: number; letter: string }
    | { kind: 'mark' }
    | { kind: 'header'; which: number; n: number }
    | { kind: 'drop'; which: number };

  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('bulk' as const),
        size: fc.nat(BIG),
        letter: fc.constantFrom('a', 'b', 'c'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('mark' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('header' as const), which: fc.nat(9), n: fc.nat(2000) }) },
    fc.record({ kind: fc.constant('drop' as const), which: fc.nat(9) }),
  );

  test('are the same bytes, with headers put in front and parts dropped anywhere', () => {
    fc.assert(
      fc.property(fc.nat(70_000), fc.array(step, { maxLength: 40 }), (queued, steps) => {
        const reply = new ReplyWriter();
        reply.rawBytes(Buffer.alloc(queued, 'q')); // another client's replies, complete
        reply.from = reply.pos;
        const model = play(steps, reply);
        expect(reply.mark()).toBe(model.length);
        expect(reply.buf.subarray(0, queued).equals(Buffer.alloc(queued, 'q'))).toBe(true);
        const parts = Buffer.concat(reply.takeSpilled());
        expect(parts.equals(Buffer.from(model, 'latin1'))).toBe(true);
        expect([reply.spilledBytes, reply.pos, reply.from]).toEqual([0, queued, queued]);
      }),
      { numRuns: tries(60) },
    );
  });

  function play(steps: readonly Step[], reply: ReplyWriter): string {
    let model = '';
    let marks = [0];
    for (const s of steps) {
      if (s.kind === 'bulk') {
        const value = s.letter.repeat(s.size);
        reply.bulkText(value);
        model += `$${s.size}\r\n${value}\r\n`;
      } else if (s.kind === 'mark') marks.push(reply.mark());
      else {
        const mark = marks[s.which % marks.length] ?? 0;
        marks = marks.filter((other) => other <= mark); // as with nested arrays: the inner ones are complete
        if (s.kind === 'drop') reply.dropFrom(mark);
        else reply.arrayAt(mark, s.n);
        model = s.kind === 'drop' ? model.slice(0, mark) : `${model.slice(0, mark)}*${s.n}\r\n${model.slice(mark)}`;
      }
    }
    return model;
  }

  test('leave in parts, each copied once, and the buffer is small again', () => {
    const reply = new ReplyWriter();
    const value = Buffer.alloc(5_000_000, 'v');
    reply.arrayHeader(3);
    for (let i = 0; i < 3; i++) reply.bulkBytes(value);
    expect(reply.spilledBytes).toBeGreaterThan(9_000_000);
    const parts = reply.takeSpilled();
    expect(Buffer.concat(parts).length).toBe(4 + 3 * (value.length + 12));
    expect(parts.length).toBe(3);
    expect(reply.buf.length).toBeLessThan(500_000);
  });

  test('are dropped as they come where they are too much for the client', () => {
    const reply = new ReplyWriter();
    const asked: number[] = [];
    reply.maySpill = (bytes) => {
      asked.push(bytes);
      return bytes < 2_000_000;
    };
    const mark = reply.mark();
    for (let i = 0; i < 20; i++) reply.bulkBytes(Buffer.alloc(500_000));
    reply.arrayAt(mark + 9_000_000, 20); // a mark that is no more
    reply.dropFrom(mark + 9_000_000);
    expect(Math.max(...asked)).toBeLessThan(3_500_000);
    expect(reply.mark()).toBeLessThan(3_500_000);
    reply.dropFrom(0);
    expect(reply.mark()).toBe(0);
  });
});
