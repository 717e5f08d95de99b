/**
 * Turns bytes that a server sent into values: the client's side of RESP2. Who talks to another node as a client uses
 * it (the toolbox, MIGRATE, a replica's handshake), and so do the tests. The one door to redis-parser.
 *
 *    +OK  $2..hi ─▶ Buffer      :7 ─▶ number, beyond 2⁵³ bigint      $-1  *-1 ─▶ null
 *    -ERR text   ─▶ ReplyError  *2 ─▶ array of these
 *
 * Total over its input: what is no RESP2 ends the reader with a reason, and nothing is delivered after that. Its
 * buffers are views of what was fed, so who feeds must not change those bytes afterwards.
 */
import RedisParser from 'redis-parser';

/** An error reply, as a value: whoever asked decides whether it is one for him. */
export class ReplyError {
  constructor(readonly text: string) {}

  /** The first word, which programs go by: `MOVED`, `ERR`, `NOAUTH`. */
  get code(): string {
    const end = this.text.indexOf(' ');
    return end === -1 ? this.text : this.text.slice(0, end);
  }
}

export type Reply = Buffer | number | bigint | null | ReplyError | readonly Reply[];

export interface ReplyEvents {
  onReply(reply: Reply): void;
  /** The stream is no RESP2. Called once. */
  onGarbage(reason: string): void;
}

export class ReplyReader {
  private readonly parser: RedisParser;
  private parsed: Reply[] = [];
  private broken = false;

  constructor(private readonly events: ReplyEvents) {
    this.parser = new RedisParser({
      returnBuffers: true,
      stringNumbers: true, // as a double, the integers of a 64-bit server are not what was sent
      returnReply: (raw) => this.parsed.push(replyOf(raw)),
      returnError: (error) => this.parsed.push(new ReplyError(error.message)),
      returnFatalError: (error) => {
        throw new Garbage(error.message);
      },
    });
  }

  feed(bytes: Buffer): void {
    if (this.broken) return;
    const reason = this.parse(bytes);
    const replies = this.parsed;
    this.parsed = [];
    for (const reply of replies) this.events.onReply(reply);
    if (reason !== null) this.events.onGarbage(reason);
  }

  /** Why these bytes cannot be read, or null. */
  private parse(bytes: Buffer): string | null {
    try {
      this.parser.execute(bytes);
      return null;
    } catch (error) {
      // RangeError: a length that no array can have, a nesting that no stack can hold.
      if (!(error instanceof Garbage || error instanceof RangeError)) throw error;
      this.broken = true;
      this.parser.reset();
      return error.message;
    }
  }
}

class Garbage extends Error {}

/** The parser gives integers as decimal strings and all other text as bytes. */
function replyOf(raw: unknown): Reply {
  if (Buffer.isBuffer(raw)) return raw;
  if (typeof raw === 'string') return integerOf(raw);
  if (Array.isArray(raw)) return raw.map(replyOf);
  if (raw instanceof Error) return new ReplyError(raw.message);
  return null;
}

function integerOf(digits: string): number | bigint {
  const value = Number(digits);
  if (Number.isSafeInteger(value) || Number.isNaN(value)) return value;
  return isWhole(digits) ? BigInt(digits) : value; // the parser makes something of any bytes behind a colon
}

function isWhole(digits: string): boolean {
  for (let i = digits.startsWith('-') ? 1 : 0; i < digits.length; i++)
    if (digits.charCodeAt(i) < 48 || digits.charCodeAt(i) > 57) return false;
  return true;
}

/** The bytes of one request. Binary-safe; text goes out as UTF-8. */
export function encodeRequest(args: readonly (string | Uint8Array)[]): Buffer {
  const parts: Uint8Array[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = typeof arg === 'string' ? Buffer.from(arg) : arg;
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(parts);
}

const CRLF = Buffer.from('\r\n');

/** A reply as text, where text is what the command answers; `null` for everything else. */
export function textOf(reply: Reply | undefined): string | null {
  return Buffer.isBuffer(reply) ? reply.toString() : null;
}
