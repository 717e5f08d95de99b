/**
 * A cluster as an operator makes it, with the commands that redis-cli gives: slots, epochs, MEET, REPLICATE.
 * And what it means that nodes agree: all serve, and tell the same of roles, slots and epochs.
 */
import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { Machine } from './machine.js';
import type { World } from './world.js';

export interface Shape {
  readonly primaries: number;
  readonly replicasEach: number;
  readonly firstPort: number;
  readonly conf: readonly string[];
}

const KNOWN_IN_MS = 15_000;
const AGREED_IN_MS = 30_000;

/** Machines with primaries first; the replicas of the first primary follow, one round after the other. */
export function addMachines(world: World, shape: Shape): Machine[] {
  const count = shape.primaries * (1 + shape.replicasEach);
  const machines = Array.from({ length: count }, (_, i) => world.addMachine(shape.firstPort + i, shape.conf));
  for (const machine of machines) machine.boot();
  return machines;
}

/** True when all agree on who is who. */
export function formCluster(world: World, machines: readonly Machine[], shape: Shape): boolean {
  const primaries = machines.slice(0, shape.primaries);
  for (const [i, machine] of machines.entries()) tell(machine, 'SET-CONFIG-EPOCH', String(i + 1));
  for (const [i, machine] of primaries.entries()) {
    const from = Math.floor((i * SLOT_COUNT) / primaries.length);
    const to = Math.floor(((i + 1) * SLOT_COUNT) / primaries.length) - 1;
    tell(machine, 'ADDSLOTSRANGE', String(from), String(to));
  }
  const [first, ...others] = machines;
  for (const other of others) if (first) tell(first, 'MEET', other.address, String(other.port));
  const known = world.passUntil(() => machines.every((machine) => knows(machine, machines.length)), KNOWN_IN_MS);
  if (!known) return false;
  for (const [i, machine] of machines.slice(shape.primaries).entries()) {
    const primary = primaries[i % primaries.length]?.node?.membership?.cluster.myId;
    tell(machine, 'REPLICATE', primary ?? '');
  }
  return world.passUntil(() => agree(machines), AGREED_IN_MS);
}

/** An operator's order that must be taken. */
export function tell(machine: Machine, ...words: readonly string[]): void {
  const answer = machine.command('CLUSTER', ...words)?.toString('latin1');
  if (answer !== '+OK\r\n') throw new Error(`${machine.name} answers CLUSTER ${words.join(' ')} with ${answer}`);
}

function knows(machine: Machine, count: number): boolean {
  const table = machine.node?.membership?.cluster.facts.table;
  return table !== undefined && table.size === count && table.all().every((node) => !node.inHandshake);
}

/** All serve, and tell the same of roles, slots and epochs of those that own slots. */
export function agree(machines: readonly Machine[]): boolean {
  const pictures = machines.map(pictureOf);
  return pictures.every((picture) => picture !== null && picture === pictures[0]);
}

/** What one node makes of all, null while the cluster is down for it. */
export function pictureOf(machine: Machine): string | null {
  const cluster = machine.node?.membership?.cluster;
  if (cluster === undefined || cluster.health.state !== 'ok') return null;
  const { table, slots } = cluster.facts;
  const lines = table.all().map((node) => {
    const ranges = slots.rangesOf(node.id).map(({ from, to }) => `${from}-${to}`);
    const epoch = ranges.length > 0 ? node.configEpoch : '';
    return `${node.id} ${node.role} ${node.primaryId ?? '-'} ${node.health} ${epoch} ${ranges.join(',')}`;
  });
  return lines.sort().join('\n');
}
