/**
 * MEMORY: what a key takes, where the rest went, and what is odd about it.
 *
 * USAGE is exact here, whatever SAMPLES says: the arena knows how big each block is.
 */
import { ERRORS } from '../../base/errors.js';
import { NONE, STRING_EMBSTR } from '../../keyspace/entry.js';
import type { Database } from '../../keyspace/keyspace.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';

/** A figure of MEMORY STATS; a ratio is told with its fraction. */
export type MemoryFigure = readonly [name: string, value: number, form: 'integer' | 'ratio'];

/** MEMORY STATS: figures, and groups of figures under a name (`db.0`). */
export type MemoryStats = readonly (MemoryFigure | readonly [name: string, figures: readonly MemoryFigure[]])[];

export interface MemoryDoor {
  stats(): MemoryStats;
  /** MEMORY DOCTOR, as text for people. */
  diagnosis(): string;
}

export const memoryUsage: Handler = (request, reply, db) => {
  if (!readsSamples(request, reply)) return;
  const e = db.peekAnyway(request, 2); // that it is dead does not make it smaller
  if (e === NONE) reply.nil();
  else reply.integer(bytesOf(db, e));
};

/** [SAMPLES count]; false for anything else, which is answered. */
function readsSamples(request: Request, reply: ReplyWriter): boolean {
  for (let i = 3; i < request.argc; i += 2) {
    if (i + 1 === request.argc || !request.is(i, 'samples')) {
      reply.error(ERRORS.SYNTAX);
      return false;
    }
    const samples = readInteger(request, i + 1, reply);
    if (Number.isNaN(samples)) return false;
    if (samples >= 0) continue;
    reply.error(ERRORS.SYNTAX);
    return false;
  }
  return true;
}

/** All that a key takes of the arena. */
export function bytesOf(db: Database, e: number): number {
  const kind = db.kind(e);
  const own = db.arena.capacity(e);
  return kind <= STRING_EMBSTR ? own : own + db.engine.values.memory(kind, db.record(e));
}

export const memoryStats: Handler = (_request, reply, _db, session) => {
  const stats = session.node.server.memory.stats();
  reply.mapHeader(stats.length);
  for (const row of stats) {
    if (row.length === 3) {
      writeFigure(reply, row);
      continue;
    }
    reply.bulkText(row[0]);
    reply.mapHeader(row[1].length);
    for (const figure of row[1]) writeFigure(reply, figure);
  }
};

function writeFigure(reply: ReplyWriter, [name, value, form]: MemoryFigure): void {
  reply.bulkText(name);
  if (form === 'integer') reply.integer(value);
  else reply.double(value);
}

export const memoryDoctor: Handler = (_request, reply, _db, session) => {
  reply.verbatim(session.node.server.memory.diagnosis());
};

export const memoryMallocStats: Handler = (_request, reply) => {
  reply.bulkText('Stats not supported for the current allocator');
};

/** Empty segments rest for some seconds, and go back to the system by themselves then. */
export const memoryPurge: Handler = (_request, reply, db) => {
  db.engine.arena.purge();
  reply.ok();
};

const HELP = [
  'MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DOCTOR',
  '    Return memory problems reports.',
  'MALLOC-STATS',
  '    Return internal statistics report from the memory allocator.',
  'PURGE',
  '    Attempt to purge dirty pages for reclamation by the allocator.',
  'STATS',
  '    Return information about the memory usage of the server.',
  'USAGE <key> [SAMPLES <count>]',
  '    Return memory in bytes used by <key> and its value. Nested values are',
  '    sampled up to <count> times (default: 5, 0 means sample all).',
  'HELP',
  '    Prints this help.',
];

export const memoryHelp: Handler = (_request, reply) => {
  reply.lines(HELP);
};
