/**
 * FUNCTION as far as a cluster's tools need it while there are no functions here: redis-cli copies those of a cluster
 * to a node that it adds, by DUMP at the one and RESTORE at the other, and looks by LIST whether the other has any.
 *
 *   none here, none there ──▶ the payload of no libraries goes from one to the other          as with redis
 *   some there            ──▶ RESTORE says that it cannot take them, and the node is not added
 */
import { ERRORS, quotedLast, wrongSubcommand } from '../../base/errors.js';
import { Slice } from '../../base/slice.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler } from '../handler.js';

/** No library, version 10, CRC64 of these bytes. */
const NO_LIBRARIES = Buffer.from([0x0a, 0x00, 0x5d, 0x9b, 0x5c, 0x40, 0x0f, 0x7f, 0xa2, 0xda]);

export const functionDump: Handler = (_request, reply) => reply.bulkBytes(NO_LIBRARIES);

export const functionList: Handler = (request, reply) => {
  let withCode = false;
  let withName = false;
  for (let i = 2; i < request.argc; i++) {
    if (!withCode && request.is(i, 'withcode')) withCode = true;
    else if (!withName && request.is(i, 'libraryname')) {
      if (++i === request.argc) return reply.error(ERRORS.NO_LIBRARY_NAME);
      withName = true;
    } else return reply.error(`ERR Unknown argument ${quotedLast(request.text(i))}`);
  }
  reply.arrayHeader(0);
};

/** There is nothing to delete here, but there may be at a replica. */
export const functionFlush: Handler = (request, reply, db) => {
  if (request.argc > 3) return reply.error(wrongSubcommand('FUNCTION', request.text(1)));
  if (request.argc === 3 && !request.is(2, 'sync') && !request.is(2, 'async'))
    return reply.error(ERRORS.FUNCTION_FLUSH);
  db.engine.dirty++;
  reply.ok();
};

export const functionRestore: Handler = (request, reply, db, session) => {
  if (request.argc > 4) return reply.error(wrongSubcommand('FUNCTION', request.text(1)));
  if (request.argc === 4 && !isPolicy(request)) return reply.error(ERRORS.FUNCTION_POLICY);
  const payload = new Slice().argument(request, 2);
  if (!session.node.dumps.verify(payload)) return reply.error(ERRORS.DUMP_CHECKSUM);
  if (payload.len > NO_LIBRARIES.length) return refuse(reply);
  db.engine.dirty++;
  reply.ok();
};

function isPolicy(request: Request): boolean {
  return request.is(3, 'append') || request.is(3, 'replace') || request.is(3, 'flush');
}

function refuse(reply: ReplyWriter): void {
  reply.error(ERRORS.NO_FUNCTIONS);
}
