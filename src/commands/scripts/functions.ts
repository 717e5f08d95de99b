/**
 * FUNCTION as far as libraries are kept: nothing here runs one, and nobody looks into its code.
 *
 *   DUMP, RESTORE    what redis-cli copies to a node that it adds, and takes from another server
 *   LIST             names and code; which functions a library has is not known
 *   DELETE, FLUSH    as ever
 *   LOAD             of our primary, and of our append-only file alone: who else says it wants the code to be looked
 *                    at, and is told that there is no such sub-command (node/gate.ts)
 *
 * Replicas and the append-only file are told all of it, and hand it on to whoever can run functions.
 */
import { ERRORS, quotedLast, wrongSubcommand } from '../../base/errors.js';
import type { Glob } from '../../base/glob.js';
import { Slice } from '../../base/slice.js';
import type { Library } from '../../persistence/functions/library.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { globOf } from '../cursor.js';
import type { Handler } from '../handler.js';

/** No library of another one is kept. */
const ENGINE = 'LUA';

export const functionDump: Handler = (_request, reply, _db, { node }) =>
  reply.bulkBytes(node.dumps.payloadOfLibraries(node.server.libraries));

export const functionList: Handler = (request, reply, _db, { node }) => {
  let withCode = false;
  let pattern: Glob | 'all' | null = null;
  for (let i = 2; i < request.argc; i++) {
    if (!withCode && request.is(i, 'withcode')) withCode = true;
    else if (pattern === null && request.is(i, 'libraryname')) {
      if (++i === request.argc) return reply.error(ERRORS.NO_LIBRARY_NAME);
      pattern = globOf(request, i) ?? 'all';
    } else return reply.error(`ERR Unknown argument ${quotedLast(request.text(i))}`);
  }
  const found = [...node.server.libraries.all].filter(({ name }) => isMeant(name, pattern));
  reply.arrayHeader(found.length);
  for (const library of found) tell(library, withCode, reply);
};

function isMeant(name: string, pattern: Glob | 'all' | null): boolean {
  return pattern === null || pattern === 'all' || pattern.matches(Buffer.from(name, 'latin1'));
}

function tell({ name, code }: Library, withCode: boolean, reply: ReplyWriter): void {
  reply.mapHeader(withCode ? 4 : 3);
  reply.bulkText('library_name');
  reply.bulkText(name);
  reply.bulkText('engine');
  reply.bulkText(ENGINE);
  reply.bulkText('functions');
  reply.arrayHeader(0);
  if (!withCode) return;
  reply.bulkText('library_code');
  reply.bulkBytes(code);
}

export const functionLoad: Handler = (request, reply, db, { node }) => {
  const last = request.argc - 1;
  let policy: 'append' | 'replace' = 'append';
  for (let i = 2; i < last; i++) {
    if (!request.is(i, 'replace')) return reply.error(`ERR Unknown option given: ${quotedLast(request.text(i))}`);
    policy = 'replace';
  }
  const loaded = node.server.libraries.load(request.bytes(last), policy);
  if (!loaded.ok) return refuse(loaded.why, reply);
  db.engine.dirty++;
  reply.bulkText(loaded.name);
};

export const functionDelete: Handler = (request, reply, db, { node }) => {
  if (!node.server.libraries.delete(request.text(2))) return reply.error(ERRORS.NO_LIBRARY);
  db.engine.dirty++;
  reply.ok();
};

/** Where there is nothing to delete here, there may be at a replica. */
export const functionFlush: Handler = (request, reply, db, { node }) => {
  if (request.argc > 3) return reply.error(wrongSubcommand('FUNCTION', request.text(1)));
  if (request.argc === 3 && !request.is(2, 'sync') && !request.is(2, 'async'))
    return reply.error(ERRORS.FUNCTION_FLUSH);
  node.server.libraries.clear();
  db.engine.dirty++;
  reply.ok();
};

export const functionRestore: Handler = (request, reply, db, { node }) => {
  if (request.argc > 4) return reply.error(wrongSubcommand('FUNCTION', request.text(1)));
  const policy = policyOf(request);
  if (policy === null) return reply.error(ERRORS.FUNCTION_POLICY);
  const payload = new Slice().argument(request, 2);
  if (!node.dumps.verify(payload)) return reply.error(ERRORS.DUMP_CHECKSUM);
  const restored = node.dumps.librariesOf(payload);
  if (typeof restored === 'string') return refuse(restored, reply);
  const { libraries } = node.server;
  if (policy === 'flush') libraries.adopt(restored);
  else {
    const wrong = libraries.join(restored, policy);
    if (wrong !== null) return refuse(wrong, reply);
  }
  db.engine.dirty++;
  reply.ok();
};

function policyOf(request: Request): 'append' | 'replace' | 'flush' | null {
  if (request.argc === 3 || request.is(3, 'append')) return 'append';
  if (request.is(3, 'replace')) return 'replace';
  return request.is(3, 'flush') ? 'flush' : null;
}

/** Why, in redis' words; they may have a line end in them. */
function refuse(why: string, reply: ReplyWriter): void {
  reply.error(`ERR ${quotedLast(why)}`);
}
