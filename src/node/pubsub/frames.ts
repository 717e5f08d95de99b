/**
 * Messages of pub/sub as they go out: an array in RESP2, a push in RESP3, and otherwise the same bytes.
 *
 *   *3\r\n $7\r\nmessage\r\n $4\r\nnews\r\n $5\r\nhello\r\n
 *   ▲ or >
 *
 * A message is encoded once for all who hear it in one protocol, and never changed: they share the bytes.
 */

const PUSH = 0x3e; // >

/** One message to many. */
export class Frame {
  private readonly array: Buffer;
  private push: Buffer | null = null;

  constructor(...parts: readonly (string | Uint8Array)[]) {
    this.array = encode(parts);
  }

  /** For a client of this protocol. */
  in(resp: number): Buffer {
    return resp === 3 ? (this.push ??= asPush(this.array)) : this.array;
  }
}

/** Texts are latin1. */
function encode(parts: readonly (string | Uint8Array)[]): Buffer {
  const headers = parts.map((part) => `$${part.length}\r\n`);
  const start = `*${parts.length}\r\n`;
  let size = start.length;
  parts.forEach((part, i) => {
    size += (headers[i]?.length ?? 0) + part.length + 2;
  });
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.write(start, 'latin1');
  parts.forEach((part, i) => {
    at += bytes.write(headers[i] ?? '', at, 'latin1');
    if (typeof part === 'string') bytes.write(part, at, 'latin1');
    else bytes.set(part, at);
    at += part.length;
    at += bytes.write('\r\n', at, 'latin1');
  });
  return bytes;
}

function asPush(array: Buffer): Buffer {
  const push = Buffer.from(array);
  push[0] = PUSH;
  return push;
}

/** `subscribe news 1`: what a change of a subscription is answered with. A topic of null says that there was none. */
export function confirmation(word: string, topic: string | null, count: number, resp: number): Buffer {
  const nil = resp === 3 ? '_\r\n' : '$-1\r\n';
  const named = topic === null ? nil : `$${topic.length}\r\n${topic}\r\n`;
  return Buffer.from(`${resp === 3 ? '>' : '*'}3\r\n$${word.length}\r\n${word}\r\n${named}:${count}\r\n`, 'latin1');
}
