/**
 * What holds when nothing has gone wrong for a while: rules 8, 13, 20, 25, 38 and 39 of the promises.
 *
 *   every slot owner has an epoch of its own · replicas follow primaries, and nothing follows a replica
 *   replicas are in step, with equal data · a name is kept for life, and only true names are kept
 */
import type { Cluster } from '../../gossip/cluster.js';
import type { Node } from '../../node/node.js';
import type { Ledger } from '../clients/ledger.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';
import { readDirectly } from './found.js';

/** A primary whose machine lost its power is only missed after the replication timeout of 4 s; then 38 grants 5.5 s. */
const CATCH_UP_MS = 6000;

/** What is wrong and stays wrong. */
export function checkQuiet(world: World, ledger: Ledger): void {
  world.passUntil(() => problemsOf(world, ledger).length === 0, CATCH_UP_MS);
  for (const [rule, what] of problemsOf(world, ledger)) world.violate(rule, what);
}

function problemsOf(world: World, ledger: Ledger): (readonly [rule: string, what: string])[] {
  const nodes = world.running.flatMap((machine) => (machine.node === null ? [] : [{ machine, node: machine.node }]));
  const clusters = nodes.flatMap(({ node }) => (node.membership === null ? [] : [node.membership.cluster]));
  const found: [string, string | null][] = [
    ['8: each owner of slots has its own epoch', sameEpoch(clusters)],
    ['13: replicas follow primaries', followsReplica(clusters)],
    ['39: an orphaned primary gets a replica', orphanLeftAlone(clusters)],
  ];
  for (const { machine, node } of nodes) {
    const primary = primaryOf(world, node);
    if (primary === null) continue;
    found.push(['38: replicas are in step', notInStep(machine, node, primary)]);
    found.push(['25: replicas hold the same data', otherData(machine, node, primary, ledger)]);
    found.push(['20: only true names are kept', handshakeKept(machine)]);
  }
  return found.flatMap(([rule, what]) => (what === null ? [] : [[rule, what] as const]));
}

function sameEpoch(clusters: readonly Cluster[]): string | null {
  const owners = new Map<number, string>();
  for (const { facts } of clusters) {
    if (facts.me.role !== 'primary' || facts.slots.countOf(facts.me.id) === 0) continue;
    const other = owners.get(facts.me.configEpoch);
    if (other !== undefined) return `${other} and ${facts.me.id} are both in epoch ${facts.me.configEpoch}`;
    owners.set(facts.me.configEpoch, facts.me.id);
  }
  return null;
}

function followsReplica(clusters: readonly Cluster[]): string | null {
  const roles = new Map(clusters.map(({ facts }) => [facts.me.id, facts.me.role]));
  for (const { facts } of clusters) {
    const { id, primaryId } = facts.me;
    if (primaryId !== null && roles.get(primaryId) === 'replica') return `${id} follows ${primaryId}, a replica`;
  }
  return null;
}

/** As a replica sees it that could go: its own primary has two at least, another one that should have some has none. */
function orphanLeftAlone(clusters: readonly Cluster[]): string | null {
  for (const { facts } of clusters) {
    const { me, table, slots, options } = facts;
    const working = (id: string): number =>
      table.all().filter((node) => node.primaryId === id && node.role === 'replica' && node.health !== 'failed').length;
    if (me.role !== 'replica' || !options.allowReplicaMigration) continue;
    if (working(me.primaryId ?? '') <= Math.max(1, options.migrationBarrier)) continue;
    const isOrphan = (id: string): boolean => slots.countOf(id) > 0 && working(id) === 0;
    const orphan = table.all().find((node) => node.role === 'primary' && node.canBeOrphaned && isOrphan(node.id));
    if (orphan !== undefined) return `${orphan.id} has none, and ${me.id} does not go there`;
  }
  return null;
}

function primaryOf(world: World, node: Node): Machine | null {
  const id = node.membership?.cluster.facts.me.primaryId ?? null;
  return id === null ? null : world.machineOf(id);
}

function notInStep(machine: Machine, node: Node, primary: Machine): string | null {
  if (primary.node === null) return null;
  const mine = node.replication.history;
  const theirs = primary.node.replication.history;
  if (!node.replication.upstream.isSynced || node.replication.upstream.stream === null)
    return `${machine.name} is not connected with ${primary.name}: ${node.replication.upstream.follower.state}`;
  if (mine.id !== theirs.id) return `${machine.name} has history ${mine.id}, ${primary.name} ${theirs.id}`;
  return mine.offset === theirs.offset
    ? null
    : `${machine.name} is at ${mine.offset}, ${primary.name} at ${theirs.offset}`;
}

function otherData(machine: Machine, node: Node, primary: Machine, ledger: Ledger): string | null {
  if (primary.node === null) return null;
  const [mine, theirs] = [node.engine.size, primary.node.engine.size];
  if (mine !== theirs) return `${machine.name} has ${mine} keys, ${primary.name} has ${theirs}`;
  for (const { name, kind } of ledger.keys) {
    if (kind === 'mortal') continue; // each hides it by its own clock, and those may have been set
    const [here, there] = [readDirectly(node, name), readDirectly(primary.node, name)];
    if (here !== there) return `${name} is ${here} at ${machine.name} and ${there} at ${primary.name}`;
  }
  return null;
}

function handshakeKept(machine: Machine): string | null {
  const kept = machine.disk.page('nodes.conf');
  const text = kept === null ? '' : Buffer.from(kept.bytes).toString('latin1');
  return text.includes('handshake') ? `${machine.name} keeps a node in handshake` : null;
}

/** 20. A node that comes back has the name it had. */
export class KeepsItsName implements Watcher {
  private readonly names = new Map<Machine, string>();

  constructor(private readonly world: World) {}

  booted(machine: Machine, node: Node): void {
    const id = node.membership?.cluster.myId ?? '';
    const before = this.names.get(machine);
    if (before !== undefined && before !== id)
      this.world.violate('20: a name is kept for life', `${machine.name} was ${before} and is ${id}`);
    this.names.set(machine, id);
  }

  stepped(machine: Machine): void {
    const id = machine.node?.membership?.cluster.myId;
    if (id !== undefined) this.names.set(machine, id); // CLUSTER RESET HARD gives a new one
  }
}
