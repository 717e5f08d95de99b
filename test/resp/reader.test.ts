import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH, COMMAND, PRIVATE_MAX, PROTOCOL_ERROR, RequestParser } from '../../src/resp/reader.js';
import { encodeRequest } from '../../src/resp/reply-reader.js';
import { tries } from '../support/tries.js';

const LIMITS = { protoMaxBulkLen: 512 * 1024 * 1024 };

/** What a reader makes of a stream: each request as its arguments in latin1, and how it ended. */
interface Reading {
  readonly requests: string[][];
  error: string;
}

/** A client's side of node/intake.ts: the shared parser, and a parser of its own while a request is incomplete. */
class Client {
  readonly reading: Reading = { requests: [], error: '' };
  private readonly shared: RequestParser;
  private readonly buf = Buffer.alloc(4096);
  private own: RequestParser | null = null;

  /** `pauses`: before which request (by number) the client is made to wait for the next chunk. */
  constructor(private readonly pauses: ReadonlySet<number> = new Set()) {
    this.shared = new RequestParser(this.buf, LIMITS);
  }

  feed(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += this.buf.length) {
      const length = chunk.copy(this.buf, 0, at);
      if (this.reading.error !== '') return;
      const parser = this.own ?? this.shared;
      if (this.own === null) this.shared.feed(length);
      else expect(this.own.append(this.buf, length)).toBe(true);
      this.buf.fill(0xee, length); // what was there before must not matter
      this.serve(parser, true);
    }
  }

  /** Nothing holds the client any longer. */
  resume(): void {
    if (this.own !== null && this.reading.error === '') this.serve(this.own, false);
  }

  private serve(parser: RequestParser, mayPause: boolean): void {
    const waits = !this.runAll(parser, mayPause);
    if (parser.status === PROTOCOL_ERROR && !waits) this.reading.error = parser.error;
    if (parser === this.shared) this.own = parser.idle ? null : parser.carryOver();
    else if (parser.idle) this.own = null;
  }

  /** False if the client has to wait. */
  private runAll(parser: RequestParser, mayPause: boolean): boolean {
    do {
      const n = parser.batch();
      expect(n).toBeLessThanOrEqual(BATCH);
      for (let k = 0; k < n; k++) {
        const { requests } = this.reading;
        if (mayPause && this.pauses.has(requests.length)) {
          parser.takeBack(k);
          return false;
        }
        const request = parser.reqs[k];
        requests.push(Array.from({ length: request?.argc ?? 0 }, (_, i) => request?.text(i) ?? ''));
      }
    } while (parser.status === COMMAND);
    return true;
  }
}

function read(chunks: readonly Buffer[], pauses?: ReadonlySet<number>): Reading {
  const client = new Client(pauses);
  for (const chunk of chunks) client.feed(chunk);
  client.resume();
  return client.reading;
}

/** The stream cut at these places, as parts of a thousand. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.floor((place * stream.length) / 1000)), stream.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, i) => stream.subarray(ends[i - 1] ?? 0, end)).filter((chunk) => chunk.length > 0);
}

const places = fc.array(fc.nat(1000), { maxLength: 12 });
const word = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.uint8Array({ minLength: 1, maxLength: 300 }));

/** A request of bytes in any of the forms that it can be written in, and what it says. */
interface Written {
  readonly bytes: Buffer;
  readonly says: string[] | null;
}

const bulks = fc.array(fc.oneof(word, fc.constant(new Uint8Array())), { minLength: 1, maxLength: 6 }).map(
  (args): Written => ({
    bytes: encodeRequest(args),
    says: args.map((arg) => Buffer.from(arg).toString('latin1')),
  }),
);

function quoted(bytes: Uint8Array): string {
  const printed = [...bytes].map((byte) => {
    const isPlain = byte > 32 && byte < 127 && byte !== 34 && byte !== 92;
    return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${printed.join('')}"`;
}

const inline = fc
  .tuple(
    fc.array(word, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('\r\n', '\n'),
    fc.constantFrom(' ', '\t', '  '),
  )
  .map(
    ([args, end, blank]): Written => ({
      bytes: Buffer.from(args.map(quoted).join(blank) + end, 'latin1'),
      says: args.map((arg) => Buffer.from(arg).toString('latin1')),
    }),
  );

const nothing = fc
  .constantFrom('\r\n', '\n', '  \r\n', '*0\r\n', '*-1\r\n', '*-9223372036854775808\r\n')
  .map((text): Written => ({ bytes: Buffer.from(text), says: null }));

const streams = fc.array(fc.oneof({ weight: 4, arbitrary: bulks }, inline, nothing), { maxLength: 60 });

const bytesOf = (stream: readonly Written[]): Buffer => Buffer.concat(stream.map(({ bytes }) => bytes));
const saidIn = (stream: readonly Written[]): string[][] => stream.flatMap(({ says }) => (says === null ? [] : [says]));

describe('any split of any stream gives the same requests', () => {
  test('in a few chunks', () => {
    fc.assert(
      fc.property(streams, places, (stream, ends) => {
        expect(read(cut(bytesOf(stream), ends))).toEqual({ requests: saidIn(stream), error: '' });
      }),
    );
  });

  test('byte by byte', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const bytes = bytesOf(stream);
        const chunks = Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
        expect(read(chunks)).toEqual({ requests: saidIn(stream), error: '' });
      }),
      { numRuns: tries(50) },
    );
  });

  test('whoever has to wait in between goes on where he was', () => {
    fc.assert(
      fc.property(streams, places, fc.array(fc.nat(70), { maxLength: 6 }), (stream, ends, pauses) => {
        expect(read(cut(bytesOf(stream), ends), new Set(pauses))).toEqual({ requests: saidIn(stream), error: '' });
      }),
    );
  });

  test('bytes that make no sense end the same way, too, and none of them throws', () => {
    const letters = fc.constantFrom(
      ...'*$-0123459 \r\n"\'\\xq\0P',
      '\r\n',
      '*1\r\n',
      '$4\r\nPING\r\n',
      '*2\r\n$1\r\na\r\n',
    );
    const noise = fc.array(letters, { maxLength: 80 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));
    fc.assert(
      fc.property(noise, places, fc.array(fc.nat(20), { maxLength: 3 }), (bytes, ends, pauses) => {
        const whole = read([bytes]);
        expect(read(cut(bytes, ends))).toEqual(whole);
        expect(read(cut(bytes, ends), new Set(pauses))).toEqual(whole);
      }),
      { numRuns: tries(2000) },
    );
  });

  test('random bytes do not throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), places, (bytes, ends) => void read(cut(Buffer.from(bytes), ends))),
    );
  });
});

describe('long requests', () => {
  test('more commands than fit one batch', () => {
    const stream = Array.from({ length: 10_000 }, (_, i) => ['ECHO', String(i)]);
    expect(read([Buffer.concat(stream.map(encodeRequest))]).requests).toEqual(stream);
  });

  test('more arguments than the request has room for at first', () => {
    const args = Array.from({ length: 5000 }, (_, i) => `argument ${i}`);
    expect(read(cut(encodeRequest(args), [3, 500, 999])).requests).toEqual([args]);
  });

  test('a value of 20 MB, and what follows it', () => {
    const value = 'v'.repeat(20_000_000);
    const [first, second] = read([encodeRequest(['SET', 'k', value]), encodeRequest(['PING'])]).requests;
    expect(first?.[2] === value).toBe(true);
    expect(second).toEqual(['PING']);
  });

  test('no buffer grows beyond what offsets can say', () => {
    const parser = new RequestParser(Buffer.alloc(16), LIMITS);
    const chunk = Buffer.alloc(16);
    parser.feed(1);
    const own = parser.carryOver();
    expect(own.append(chunk, PRIVATE_MAX)).toBe(false);
    expect(own.append(chunk, 16)).toBe(true);
  });
});

describe('what a parser tells of itself', () => {
  function partial(text: string): RequestParser {
    const buf = Buffer.from(text);
    const parser = new RequestParser(buf, LIMITS);
    parser.feed(buf.length);
    parser.batch();
    return parser;
  }

  test('whole arguments no longer count as unparsed', () => {
    const parser = partial('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nhello');
    expect(parser.pendingBytes).toBe(31);
    expect(parser.unparsedBytes).toBe(5);
    expect(parser.unparsed(3).toString()).toBe('hel');
  });

  test('idle is who has nothing left, not even a request that was taken back', () => {
    expect(partial('PING\r\n').idle).toBe(true);
    expect(partial('PING').idle).toBe(false);
    const waiting = partial('PING\r\n');
    waiting.takeBack(0);
    expect(waiting.idle).toBe(false);
    expect(waiting.carryOver().idle).toBe(false);
  });

  test('strangers get one request at a time, so that a password counts for the next one', () => {
    const buf = Buffer.from('PING\r\n'.repeat(2) + '*1\r\n$4\r\nPING\r\n'.repeat(2));
    const parser = new RequestParser(buf, LIMITS);
    parser.unauthenticated = true;
    parser.feed(buf.length);
    expect([parser.batch(), parser.batch(), parser.batch(), parser.batch(), parser.batch()]).toEqual([1, 1, 1, 1, 0]);
  });
});
