/**
 * A cluster of processes on this machine, from its folder: up, looked at, down.
 *
 *    folder ─▶ ports ─▶ processes ─▶ connections ─▶ formCluster() ─▶ RunningCluster
 *
 * Nodes are always stopped through what the folder says of them and what they say of themselves: a pid alone may
 * belong to somebody else by now.
 */
import { readlinkSync, realpathSync } from 'node:fs';
import { Connection } from './connection.js';
import type { ClusterFolder, Description, Member } from './folder.js';
import {
  isAlive,
  LAST_WORDS,
  NeverStarted,
  type NodeProcess,
  type ServerCommand,
  sendSignal,
  shutDown,
  startNode,
  stopNode,
  whenReady,
} from './launch.js';
import { formCluster, type ManagedNode, type Progress } from './manager.js';
import { choosePorts, LOCALHOST, portIsFree, portsFrom, takenOf } from './ports.js';
import { primaryCountOf, type Shape } from './plan.js';
import { whoHolds } from './port-owner.js';
import { type Setting, withReplicaPassword } from './redis-conf.js';
import type { Topology } from './topology.js';
import { counted, Trouble } from './trouble.js';
import { within } from './wait.js';

export interface Wishes {
  /** Null: as the folder says, or six with one replica each. */
  readonly nodes: number | null;
  readonly replicas: number | null;
  readonly port: number | null;
  readonly settings: readonly Setting[];
  readonly server: ServerCommand;
}

export interface RunningCluster {
  readonly folder: ClusterFolder;
  readonly description: Description;
  readonly processes: readonly NodeProcess[];
  readonly topology: Topology;
  readonly password: string | null;
  /** False when the nodes came back from an earlier run. */
  readonly isNew: boolean;
  /** Stops all, and gives the folder free. Names the nodes that had to be ended by force. */
  stop(): Promise<string[]>;
  /** Leaves the nodes running when this process ends. */
  detach(): void;
}

const DEFAULT_SHAPE: Shape = { nodes: 6, replicas: 1 };
const DEFAULT_PORT = 7000;

/**
 * Starts what the folder describes, or a new cluster in it. The folder must have been claimed; when nothing comes of
 * it, no node runs any more and the claim is still the caller's.
 */
export async function bringUp(
  folder: ClusterFolder,
  wishes: Wishes,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunningCluster> {
  const earlier = folder.describe();
  const description = await settlePorts(earlier, shapeOf(earlier, wishes, folder), wishes.port, progress);
  const takeBack = folder.prepare(description, withReplicaPassword(wishes.settings));
  const password = folder.password(description);
  progress.step(`starting ${counted(description.members.length, 'node', 'nodes')}`);
  const processes = description.members.map((member) => startNode(folder, member, wishes.server));
  const emergencyStop = () => processes.forEach(killIfAlive);
  process.once('exit', emergencyStop);
  const stop = async () => {
    const byForce = await stopAll(processes, password);
    process.off('exit', emergencyStop);
    return byForce;
  };
  try {
    const pids = Object.fromEntries(processes.map(({ member, pid }) => [member.name, pid]));
    folder.noteRunning({ launcher: process.pid, pids });
    const forming = formed(processes, password, description, progress);
    const topology = await Promise.race([forming, rejectedBy(signal)]);
    const detach = () => {
      process.off('exit', emergencyStop);
      for (const node of processes) node.detach();
    };
    const stopAndRelease = () => stop().finally(() => folder.release());
    const isNew = earlier === null;
    return { folder, description, processes, topology, password, isNew, stop: stopAndRelease, detach };
  } catch (error) {
    await stop();
    if (error instanceof NeverStarted) takeBack();
    throw error;
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Trouble('stopped on request'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
}

function shapeOf(earlier: Description | null, wishes: Wishes, folder: ClusterFolder): Shape {
  const nodes = wishes.nodes ?? earlier?.members.length ?? DEFAULT_SHAPE.nodes;
  const replicas = wishes.replicas ?? earlier?.replicas ?? DEFAULT_SHAPE.replicas;
  if (earlier && (nodes !== earlier.members.length || replicas !== earlier.replicas)) {
    throw new Trouble(
      `${folder.shown} holds a cluster of ${counted(earlier.members.length, 'node', 'nodes')} with ${counted(earlier.replicas, 'replica', 'replicas')} of each primary: leave --nodes and --replicas away, or give another --dir`,
    );
  }
  primaryCountOf({ nodes, replicas }); // refuses what cannot be
  return { nodes, replicas };
}

/** The ports of the last time where nothing speaks against it. */
async function settlePorts(
  earlier: Description | null,
  shape: Shape,
  wanted: number | null,
  progress: Progress,
): Promise<Description> {
  const before = earlier?.members.map(({ port }) => port) ?? [];
  if (earlier && wanted === null && (await takenOf(before, portIsFree)).length === 0) return earlier;
  const from = wanted ?? before[0] ?? DEFAULT_PORT;
  const { ports, taken } = await choosePorts(from, shape.nodes, portIsFree);
  for (const port of taken.slice(0, 3)) progress.note(`Port ${port} is taken by ${await whoHolds(port)}.`);
  if (taken.length > 3) progress.note(`So are ${taken.length - 3} more.`);
  if (taken.length > 0)
    progress.note(`Taking ${ports[0]}-${ports.at(-1)} instead of ${from}-${portsFrom(from, shape.nodes).at(-1)}.`);
  const members = ports.map((port, i) => ({ name: earlier?.members[i]?.name ?? `node-${i + 1}`, port }));
  return { replicas: shape.replicas, members };
}

async function formed(
  processes: readonly NodeProcess[],
  password: string | null,
  description: Description,
  progress: Progress,
): Promise<Topology> {
  const nodes: ManagedNode[] = await Promise.all(
    processes.map(async (node) => ({ ...node.member, connection: await whenReady(node, password) })),
  );
  try {
    const shape = { nodes: description.members.length, replicas: description.replicas };
    return await Promise.race([formCluster(nodes, shape, progress), firstDeath(processes)]);
  } finally {
    for (const { connection } of nodes) connection.close();
  }
}

/** Rejects when one of them ends: nobody needs to wait for a cluster that cannot come. */
async function firstDeath(processes: readonly NodeProcess[]): Promise<never> {
  const dead = await Promise.race(processes.map(async (node) => node.ended.then(() => node)));
  throw new Trouble(
    `${dead.member.name} on port ${dead.member.port} ended. Its last lines:\n${dead.lastWords(LAST_WORDS)}`,
  );
}

async function stopAll(processes: readonly NodeProcess[], password: string | null): Promise<string[]> {
  const byForce: string[] = [];
  await Promise.all(
    processes.map(async ({ pid, member, ending, ended }) => {
      if (pid === 0 || ending()) return;
      if (!(await stopNode({ pid, port: member.port }, password))) byForce.push(member.name);
      await ended;
    }),
  );
  return byForce;
}

function killIfAlive(node: NodeProcess): void {
  if (node.pid > 0 && node.ending() === null) sendSignal(node.pid, 'SIGKILL');
}

/** What is known of one node of a folder from outside. */
export interface Sighting {
  readonly member: Member;
  /** As running.json has it; null where that process has gone, and for a node that somebody started by hand. */
  readonly pid: number | null;
  /** To the node, if it answers and is the one of this folder; to be closed by who asked. */
  readonly connection: Connection | null;
}

/** A node that is healthy answers at once; one that hangs must not hang us. */
const ANSWER_MS = 2_000;

export function isRunning({ pid, connection }: Sighting): boolean {
  return pid !== null || connection !== null;
}

/** Looks at each node of the folder: is its process there, and does it answer where it should? */
export async function lookAround(folder: ClusterFolder, description: Description): Promise<Sighting[]> {
  const pids = folder.running()?.pids ?? {};
  const password = folder.password(description);
  return Promise.all(
    description.members.map(async (member) => {
      const connection = await openOwn(member, folder.nodeIdOf(member), password);
      const pid = pids[member.name] ?? 0;
      const isOurs = isAlive(pid) && (runsIn(pid, folder.folderOf(member)) ?? connection !== null);
      return { member, pid: isOurs ? pid : null, connection };
    }),
  );
}

/** Somebody else's server may answer on that port by now: only the node whose id is in the folder counts. */
async function openOwn(member: Member, id: string | null, password: string | null): Promise<Connection | null> {
  if (id === null) return null;
  const address = { host: LOCALHOST, port: member.port };
  const connection = await within(
    ANSWER_MS,
    Connection.open(address, password).catch(() => null),
  );
  if (connection === null) return null;
  const answer = await within(
    ANSWER_MS,
    connection.text('CLUSTER', 'MYID').catch(() => ''),
  );
  if (answer === id) return connection;
  connection.close();
  return null;
}

/** Whether a process works in that folder, as a node does; null where the system does not tell. */
function runsIn(pid: number, folder: string): boolean | null {
  if (process.platform !== 'linux') return null;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    return false;
  }
}

/** Stops what runs of the folder. Names the nodes that had to be ended by force. */
export async function bringDown(
  folder: ClusterFolder,
  description: Description,
  sightings: readonly Sighting[],
): Promise<string[]> {
  const password = folder.password(description);
  const byForce: string[] = [];
  await Promise.all(
    sightings.map(async ({ member, pid, connection }) => {
      if (pid === null) return connection && shutDown(connection);
      connection?.close();
      if (!(await stopNode({ pid, port: member.port }, password))) byForce.push(member.name);
    }),
  );
  folder.release();
  return byForce;
}
