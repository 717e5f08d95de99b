/**
 * LOLWUT [VERSION v [columns [rows]]]: a drawing, and the version under it.
 *
 * Ours is a cluster seen from above: nodes somewhere in a field, and the lines by which each gossips with the others.
 * The last line is Redis' own, since that is what clients look for.
 */
import { REDIS_VERSION } from '../../base/version.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import { integerAt, readInteger } from '../arguments.js';
import type { Handler } from '../handler.js';

const VERSION_LINE = `Redis ver. ${REDIS_VERSION}\n`;
const NODES = 6;
/** As in Redis, no drawing is larger. */
const MAX_SIDE = 1000;
const DEFAULT_COLUMNS = 66;
const DEFAULT_ROWS = 18;

interface Place {
  readonly x: number;
  readonly y: number;
}

export const lolwut: Handler = (request, reply, _db, session) => {
  let columns = DEFAULT_COLUMNS;
  let rows = DEFAULT_ROWS;
  if (request.argc >= 3 && request.is(1, 'version')) {
    if (Number.isNaN(readInteger(request, 2, reply))) return;
    if (takesSizes(integerAt(request, 2))) {
      columns = readSide(request, 3, DEFAULT_COLUMNS, reply);
      if (Number.isNaN(columns)) return;
      rows = readSide(request, 4, DEFAULT_ROWS, reply);
      if (Number.isNaN(rows)) return;
    }
  }
  reply.verbatim(draw(columns, rows, () => session.node.server.random()) + VERSION_LINE);
};

/** The drawings of these versions come in any size. */
function takesSizes(version: number): boolean {
  return version === 5 || version === 6;
}

function readSide(request: Request, i: number, otherwise: number, reply: ReplyWriter): number {
  if (request.argc <= i) return otherwise;
  const side = readInteger(request, i, reply);
  return Number.isNaN(side) ? side : Math.min(Math.max(side, 1), MAX_SIDE);
}

function draw(columns: number, rows: number, random: () => number): string {
  const field = Array.from({ length: rows }, () => new Array<string>(columns).fill(' '));
  const nodes = placeNodes(columns, rows, random);
  for (const a of nodes) for (const b of nodes) if (a !== b) link(field, a, b);
  for (const [i, node] of nodes.entries()) mark(field, node, i < NODES / 2 ? '@' : 'o');
  return `${field.map((row) => row.join('').trimEnd()).join('\n')}\n`;
}

/** On an ellipse, each a little beside its place. */
function placeNodes(columns: number, rows: number, random: () => number): Place[] {
  const turn = random() * Math.PI;
  return Array.from({ length: NODES }, (_, i) => {
    const angle = turn + ((i + random() / 2) * 2 * Math.PI) / NODES;
    return {
      x: Math.round(((1 + Math.cos(angle)) * (columns - 1)) / 2),
      y: Math.round(((1 + Math.sin(angle)) * (rows - 1)) / 2),
    };
  });
}

function link(field: string[][], a: Place, b: Place): void {
  const steps = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
  for (let k = 1; k < steps; k++) {
    const x = Math.round(a.x + ((b.x - a.x) * k) / steps);
    const y = Math.round(a.y + ((b.y - a.y) * k) / steps);
    mark(field, { x, y }, '.');
  }
}

function mark(field: string[][], at: Place, sign: string): void {
  const row = field[at.y];
  if (row !== undefined) row[at.x] = sign;
}
