/**
 * Makes a cluster out of nodes that listen: asks what they are, does what is left (`remaining.ts`), and waits until
 * all of them say the same.
 *
 *    epochs, slots ──▶ introductions, each to each ──▶ replicas follow ──▶ those who were not heard say it again
 *
 * Each to each, because a chain of introductions waits for gossip at every link. Again, because a handshake carries a
 * name and no slots, and a new role is told with the next pings only, one node a second: an introduction to somebody
 * who knows us already is heard at once, with slots and role, and means nothing else. It saves 0.5 to 2 s.
 *
 * Orders of one stage go out together, to all nodes at the same time. No step waits for a fixed span.
 */
import type { Connection } from './connection.js';
import { BUS_OFFSET, LOCALHOST } from './ports.js';
import { primaryCountOf, type Shape, SLOT_COUNT } from './plan.js';
import { type Dispute, describeDispute, mergeViews, parseView, type Topology, type View } from './topology.js';
import { describeRemaining, isDone, isFresh, type Remaining, whatIsLeft } from './remaining.js';
import { counted, firstFew, Trouble } from './trouble.js';
import { until } from './wait.js';

export interface ManagedNode {
  readonly name: string;
  readonly port: number;
  readonly connection: Connection;
}

export interface Progress {
  /** What goes on now. */
  step(text: string): void;
  /** Something worth keeping on the screen. */
  note(text: string): void;
}

const PATIENCE = { everyMs: 15, atMostMs: 30_000 };
/** A node opens links ten times a second, so an introduction has arrived after 100 ms and a bit. */
const NUDGE_AGAIN_MS = 250;

/** Brings the nodes to one healthy cluster, whatever part of it is already there. */
export async function formCluster(nodes: readonly ManagedNode[], shape: Shape, progress: Progress): Promise<Topology> {
  const views = await viewsOf(nodes);
  const ports = nodes.map(({ port }) => port);
  const remaining = whatIsLeft(views, ports, shape);
  if (!isDone(remaining)) {
    if (!views.every(isFresh)) progress.note(`The cluster of the last time needs ${describeRemaining(remaining)}.`);
    await perform(remaining, nodes, views, progress);
  }
  progress.step('waiting until all agree');
  return untilAllAgree(nodes, primaryCountOf(shape), progress);
}

function viewsOf(nodes: readonly ManagedNode[]): Promise<View[]> {
  return Promise.all(nodes.map(async ({ connection }) => parseView(await connection.text('CLUSTER', 'NODES'))));
}

async function perform(
  remaining: Remaining,
  nodes: readonly ManagedNode[],
  views: readonly View[],
  progress: Progress,
): Promise<void> {
  const order = (place: number, ...args: (string | number)[]) => nodes[place]?.connection.order('CLUSTER', ...args);
  progress.step(
    remaining.slots.length > 0 ? 'giving out the slots and introducing the nodes' : 'introducing the nodes',
  );
  await Promise.all([
    ...remaining.epochs.map(({ node, epoch }) => order(node, 'SET-CONFIG-EPOCH', epoch)),
    ...remaining.slots.map(({ node, ranges }) =>
      order(node, 'ADDSLOTSRANGE', ...ranges.flatMap(({ from, to }) => [from, to])),
    ),
    ...remaining.meetings.map(({ from, to }) => introduce(nodes[from], nodes[to])),
  ]);
  const { length: replicas } = remaining.follows;
  if (replicas > 0)
    progress.step(counted(replicas, 'replica looks for its primary', 'replicas look for their primaries'));
  await Promise.all(
    remaining.follows.map(async ({ replica, primary }) => {
      const follower = nodes[replica];
      const primaryId = views[primary]?.viewer;
      if (!follower || !primaryId) return;
      await untilKnown(follower, primaryId, nodes[primary]);
      await follower.connection.order('CLUSTER', 'REPLICATE', primaryId);
    }),
  );
}

function introduce(from: ManagedNode | undefined, to: ManagedNode | undefined): Promise<unknown> {
  if (!from || !to) return Promise.resolve();
  return from.connection.order('CLUSTER', 'MEET', LOCALHOST, to.port, to.port + BUS_OFFSET);
}

async function untilKnown(node: ManagedNode, id: string, other: ManagedNode | undefined): Promise<void> {
  const known = await until(async () => {
    const line = parseView(await node.connection.text('CLUSTER', 'NODES')).lines.get(id);
    return line && !line.flags.includes('handshake') ? line : null;
  }, PATIENCE);
  if (!known) throw new Trouble(`${node.name} does not get to know ${other?.name}: ${hintAtBus(other?.port)}`);
}

async function untilAllAgree(nodes: readonly ManagedNode[], primaries: number, progress: Progress): Promise<Topology> {
  let last: Verdict | null = null;
  const nudge = new Nudges(nodes);
  const agreed = await until(async () => {
    last = await verdictOf(nodes);
    if (last.topology.strangers.length > 0) throw new Trouble(strangerText(last.topology));
    if (last.open.length === 0) return last.topology;
    progress.step(`waiting until all agree: ${last.open[0]}`);
    await nudge.unheard(last.topology.disputes);
    return null;
  }, PATIENCE);
  if (agreed) return agreed;
  throw new Trouble(unfinishedText(nodes.length, primaries, last));
}

/** Whoever was not heard introduces himself again, and not before the last time has had its effect. */
class Nudges {
  private readonly nudgedAt = new Map<string, number>();

  constructor(private readonly nodes: readonly ManagedNode[]) {}

  async unheard(disputes: readonly Dispute[]): Promise<void> {
    const now = performance.now();
    const due = disputes.filter((one) => {
      if (one.what !== 'role' && one.what !== 'slots') return false;
      return now - (this.nudgedAt.get(pairOf(one)) ?? -NUDGE_AGAIN_MS) >= NUDGE_AGAIN_MS;
    });
    for (const one of due) this.nudgedAt.set(pairOf(one), now);
    await Promise.all(due.map(({ about, viewer }) => introduce(this.nodeAt(about.port), this.nodeAt(viewer.port))));
  }

  private nodeAt(port: number): ManagedNode | undefined {
    return this.nodes.find((node) => node.port === port);
  }
}

function pairOf({ about, viewer }: Dispute): string {
  return `${about.id} ${viewer.id}`;
}

export interface Verdict {
  readonly topology: Topology;
  /** What still stands against "all is well", in words. */
  readonly open: readonly string[];
}

export async function verdictOf(nodes: readonly ManagedNode[]): Promise<Verdict> {
  const [views, states] = await Promise.all([viewsOf(nodes), Promise.all(nodes.map(stateOf))]);
  const topology = mergeViews(views);
  const missing = SLOT_COUNT - topology.slotsCovered;
  const open = missing > 0 ? [`${missing} slots have no owner`] : [];
  open.push(...topology.disputes.map(describeDispute));
  nodes.forEach(({ port }, i) => {
    if (states[i] !== 'ok') open.push(`${port} says cluster_state:${states[i]}`);
  });
  return { topology, open };
}

async function stateOf({ connection }: ManagedNode): Promise<string> {
  return fieldOf(await connection.text('CLUSTER', 'INFO'), 'cluster_state');
}

/** A `name:value` line of INFO and the like; `''` where there is none. */
export function fieldOf(text: string, name: string): string {
  const line = text.split('\r\n').find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? '';
}

function strangerText({ strangers }: Topology): string {
  const places = strangers.map(({ id, host, port }) => `${host}:${port} (${id.slice(0, 8)})`).join(', ');
  return `The nodes know others that are not in this folder: ${places}. Bring those back, or make the nodes forget them with CLUSTER FORGET`;
}

function unfinishedText(count: number, primaries: number, last: Verdict | null): string {
  const unlinked = last?.topology.disputes.find(({ what }) => what === 'unlinked' || what === 'unknown');
  const hint = unlinked ? `\n${hintAtBus(unlinked.about.port)}` : '';
  return `${count} nodes with ${primaries} primaries run, but are no healthy cluster after ${PATIENCE.atMostMs / 1000} s:\n${firstFew(last?.open ?? [])}${hint}`;
}

function hintAtBus(port: number | undefined): string {
  const bus = port === undefined ? '' : ` (here ${port + BUS_OFFSET})`;
  return `nodes talk to each other on their port + ${BUS_OFFSET}${bus}; make sure that no firewall is in the way`;
}
