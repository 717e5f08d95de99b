/**
 * Replies as they are on the wire, made readable: each header and each text apart, a blank between them.
 *
 *   *2\r\n$3\r\nfoo\r\n:1\r\n   ──▶   *2 $3 foo :1
 *
 * Lengths stay in, so that equal lines are equal bytes. Golden files of replies have this form.
 */
export type RawReply = { head: string; text: string | null; parts: RawReply[] };

export function readRawReply(bytes: Uint8Array): RawReply {
  const text = Buffer.from(bytes).toString('latin1');
  const [reply, end] = readAt(text, 0);
  if (end !== text.length) throw new Error(`bytes behind the reply: ${text.slice(end)}`);
  return reply;
}

function readAt(text: string, at: number): [reply: RawReply, end: number] {
  const stop = text.indexOf('\r\n', at);
  const head = text.slice(at, stop);
  let end = stop + 2;
  if ('+-:_#,('.includes(head[0] ?? '')) return [{ head, text: null, parts: [] }, end];
  const count = Number(head.slice(1));
  if ((head.startsWith('$') || head.startsWith('=')) && count >= 0)
    return [{ head, text: text.slice(end, end + count), parts: [] }, end + count + 2];
  const parts: RawReply[] = [];
  for (let left = head.startsWith('%') ? count * 2 : count; left > 0; left--) {
    const [part, next] = readAt(text, end);
    parts.push(part);
    end = next;
  }
  return [{ head, text: null, parts }, end];
}

/** Several replies, one after the other. */
export function readAllRaw(bytes: Uint8Array): RawReply[] {
  const text = Buffer.from(bytes).toString('latin1');
  const replies: RawReply[] = [];
  for (let at = 0; at < text.length; ) {
    const [reply, end] = readAt(text, at);
    replies.push(reply);
    at = end;
  }
  return replies;
}

export function printRawReply({ head, text, parts }: RawReply): string {
  return [head, ...(text === null ? [] : [text]), ...parts.map(printRawReply)].join(' ');
}
