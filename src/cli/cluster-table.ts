/**
 * The table of a cluster, the same wherever one is shown: the primaries in the order of their slots, under each of
 * them its replicas, and at the end who does not answer.
 */
import type { Member } from '../kit/folder.js';
import { LOCALHOST } from '../kit/ports.js';
import { formatRanges } from '../kit/plan.js';
import type { NodeLine } from '../kit/topology.js';
import type { Cell, Terminal } from './terminal.js';

/** One row: `line` is null for a node that does not answer. */
export interface Shown {
  readonly member: Member;
  readonly pid: number | null;
  readonly line: NodeLine | null;
}

const HEAD = ['node', 'address', 'role', 'slots', 'id', 'pid'];
/** Enough of an id to find it in a log. */
const SHORT_ID = 8;

export function clusterTable(terminal: Terminal, nodes: readonly Shown[]): string {
  return terminal.table(
    HEAD,
    inFamilies(nodes).map((node) => rowOf(node, nodes)),
  );
}

function rowOf({ member, pid, line }: Shown, all: readonly Shown[]): Cell[] {
  const address = `${LOCALHOST}:${member.port}`;
  const process = pid === null ? '' : String(pid);
  if (line === null) return [member.name, address, { text: 'does not answer', style: 'red' }, '', '', process];
  const id = { text: line.id.slice(0, SHORT_ID), style: 'dim' } as const;
  if (line.role === 'primary') {
    return [member.name, address, { text: 'primary', style: 'green' }, formatRanges(line.slots), id, process];
  }
  return [member.name, address, `replica of ${nameOf(line.primaryId, all)}`, '', id, process];
}

export function nameOf(id: string | null, all: readonly Shown[]): string {
  return all.find(({ line }) => line?.id === id)?.member.name ?? `${id?.slice(0, SHORT_ID)}`;
}

/** By slots; a replica after its primary, and after all of them who fits nowhere. */
function inFamilies(nodes: readonly Shown[]): Shown[] {
  const primaries = nodes.filter(({ line }) => line?.role === 'primary').sort((a, b) => firstSlot(a) - firstSlot(b));
  const families = primaries.flatMap((primary) => [
    primary,
    ...nodes.filter(({ line }) => line?.role === 'replica' && line.primaryId === primary.line?.id),
  ]);
  return [...families, ...nodes.filter((node) => !families.includes(node))];
}

function firstSlot({ line }: Shown): number {
  return line?.slots[0]?.from ?? Number.MAX_SAFE_INTEGER;
}
