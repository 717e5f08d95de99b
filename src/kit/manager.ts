/**
 * Makes a cluster out of nodes that listen: asks what they are, does what is left (`todo.ts`), and waits until all of
 * them say the same.
 *
 *    epochs, slots ──▶ introductions, each to each ──▶ replicas follow ──▶ replicas introduce themselves again
 *
 * Each to each, because a chain of introductions waits for gossip at every link. The replicas do it again, because a
 * node that changes its role tells the others with its next pings only, one node a second; an introduction carries the
 * role at once and means nothing else to those who know each other.
 *
 * Orders of one stage go out together, to all nodes at the same time. No step waits for a fixed span.
 */
import type { Connection } from './connection.js';
import { BUS_OFFSET, LOCALHOST } from './ports.js';
import { primaryCountOf, type Shape, SLOT_COUNT } from './plan.js';
import { mergeViews, parseView, type Topology, type View } from './topology.js';
import { describeTodo, isDone, isFresh, type Todo, whatIsLeft } from './todo.js';
import { Trouble } from './trouble.js';
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

/** Brings the nodes to one healthy cluster, whatever part of it is already there. */
export async function formCluster(nodes: readonly ManagedNode[], shape: Shape, progress: Progress): Promise<Topology> {
  const views = await viewsOf(nodes);
  const ports = nodes.map(({ port }) => port);
  const todo = whatIsLeft(views, ports, shape);
  if (!isDone(todo)) {
    if (!views.every(isFresh)) progress.note(`The cluster is not complete; still to do: ${describeTodo(todo)}`);
    await perform(todo, nodes, views, progress);
  }
  progress.step('waiting until all agree');
  return untilAllAgree(nodes, primaryCountOf(shape), progress);
}

export function viewsOf(nodes: readonly ManagedNode[]): Promise<View[]> {
  return Promise.all(nodes.map(async ({ connection }) => parseView(await connection.text('CLUSTER', 'NODES'))));
}

async function perform(
  todo: Todo,
  nodes: readonly ManagedNode[],
  views: readonly View[],
  progress: Progress,
): Promise<void> {
  const order = (place: number, ...args: (string | number)[]) => nodes[place]?.connection.order('CLUSTER', ...args);
  progress.step(`giving out ${SLOT_COUNT} slots and introducing the nodes`);
  await Promise.all([
    ...todo.epochs.map(({ node, epoch }) => order(node, 'SET-CONFIG-EPOCH', epoch)),
    ...todo.slots.map(({ node, ranges }) =>
      order(node, 'ADDSLOTSRANGE', ...ranges.flatMap(({ first, last }) => [first, last])),
    ),
    ...todo.meetings.map(({ from, to }) => introduce(nodes[from], nodes[to])),
  ]);
  progress.step(`${todo.follows.length} replicas look for their primaries`);
  await Promise.all(
    todo.follows.map(async ({ replica, primary }) => {
      const follower = nodes[replica];
      const primaryId = views[primary]?.viewer;
      if (!follower || !primaryId) return;
      await untilKnown(follower, primaryId, nodes[primary]);
      await follower.connection.order('CLUSTER', 'REPLICATE', primaryId);
      await Promise.all(nodes.filter((node) => node !== follower).map((node) => introduce(follower, node)));
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
  const agreed = await until(async () => {
    last = await verdictOf(nodes);
    if (last.topology.strangers.length > 0) throw new Trouble(strangerText(last.topology));
    if (last.open.length === 0) return last.topology;
    progress.step(`waiting until all agree: ${last.open[0]}`);
    return null;
  }, PATIENCE);
  if (agreed) return agreed;
  throw new Trouble(unfinishedText(nodes.length, primaries, last));
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
  open.push(...topology.disputes);
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
  const open = last?.open ?? [];
  const list = open.slice(0, 8).map((what) => `  ${what}`);
  if (open.length > list.length) list.push(`  and ${open.length - list.length} more`);
  const unlinked = open.find((what) => what.includes('no link') || what.includes('does not know'));
  const hint = unlinked ? `\n${hintAtBus(last?.topology.members.values().next().value?.port)}` : '';
  return `${count} nodes with ${primaries} primaries run, but are no healthy cluster after ${PATIENCE.atMostMs / 1000} s:\n${list.join('\n')}${hint}`;
}

function hintAtBus(port: number | undefined): string {
  const bus = port === undefined ? '' : ` (here ${port + BUS_OFFSET})`;
  return `nodes talk to each other on their port + ${BUS_OFFSET}${bus}; make sure that no firewall is in the way`;
}
