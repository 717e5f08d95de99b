/**
 * Changing a part of a string: APPEND and SETRANGE. From then on it is `raw`, however short it is.
 *
 * HOT. bench: APPEND
 */
import { ERRORS } from '../../base/errors.js';
import { IMMORTAL, NONE, STRING_RAW, TYPE_STRING, WRONG } from '../../keyspace/entry.js';
import { EVENT } from '../../keyspace/events.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';

export function append(request: Request, reply: ReplyWriter, db: Database): void {
  const e = db.findOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const n = request.len[2];
  let total = n;
  if (e === NONE) db.setString(NONE, request, 1, 2, IMMORTAL);
  else {
    const before = db.valueLength(e);
    total = before + n;
    if (total > db.engine.maxStringBytes) return reply.error(ERRORS.STRING_TOO_LONG);
    const to = db.resize(e, total);
    db.setKind(to, STRING_RAW);
    db.putBytes(to, before, request.buf, request.view, request.off[2], n);
  }
  db.wrote(request, 1, EVENT.append, 1);
  reply.integer(total);
}

export function setrange(request: Request, reply: ReplyWriter, db: Database): void {
  const offset = readInteger(request, 2, reply);
  if (Number.isNaN(offset)) return;
  if (offset < 0) return reply.error(ERRORS.OFFSET_OUT_OF_RANGE);
  const e = db.findOf(request, 1, TYPE_STRING, reply);
  if (e === WRONG) return;
  const before = e === NONE ? 0 : db.valueLength(e);
  const n = request.len[3];
  if (n === 0) return reply.integer(before);
  const end = offset + n;
  if (end > db.engine.maxStringBytes) return reply.error(ERRORS.STRING_TOO_LONG);
  const total = Math.max(before, end);
  const to = e === NONE ? db.create(request, 1, STRING_RAW, total) : db.resize(e, total);
  db.setKind(to, STRING_RAW);
  if (offset > before) {
    const at = db.valueOffset(to);
    db.bytes(to).fill(0, at + before, at + offset);
  }
  db.putBytes(to, offset, request.buf, request.view, request.off[3], n);
  db.wrote(request, 1, EVENT.setrange, 1);
  reply.integer(total);
}
