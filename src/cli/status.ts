/**
 * `sextet status`: who runs, in which role, and whether all say the same; for people as a table, for programs as JSON.
 * The exit code tells it, too: 0 means that all is well.
 */
import { lookAround } from '../kit/cluster.js';
import { ClusterFolder } from '../kit/folder.js';
import { type ManagedNode, verdictOf } from '../kit/manager.js';
import { LOCALHOST } from '../kit/ports.js';
import { SLOT_COUNT } from '../kit/plan.js';
import { firstFew, Trouble } from '../kit/trouble.js';
import type { Told } from './arguments.js';
import { clusterTable, nameOf, type Shown } from './cluster-table.js';
import type { Terminal } from './terminal.js';

interface Status {
  readonly dir: string;
  readonly state: 'ok' | 'degraded' | 'down';
  readonly slotsCovered: number;
  /** What is not as it should be, in words. */
  readonly problems: readonly string[];
  readonly nodes: readonly Shown[];
}

export async function runStatus(told: Told, terminal: Terminal): Promise<number> {
  const status = await lookAt(new ClusterFolder(told.dir));
  terminal.say(told.json ? JSON.stringify(asJson(status), null, 2) : asText(status, terminal));
  return status.state === 'ok' ? 0 : 1;
}

async function lookAt(folder: ClusterFolder): Promise<Status> {
  const description = folder.describe();
  if (!description)
    throw new Trouble(`There is no cluster in ${folder.shown}: "sextet up" makes one, --dir names another folder`);
  const sightings = await lookAround(folder, description);
  const answering: ManagedNode[] = sightings.flatMap(({ member, connection }) =>
    connection ? [{ ...member, connection }] : [],
  );
  try {
    const { topology, open } = await verdictOf(answering);
    const lines = [...topology.members.values()];
    const nodes = sightings.map(({ member, pid, connection }) => {
      const line = connection ? lines[answering.findIndex(({ name }) => name === member.name)] : null;
      return { member, pid, line: line ?? null };
    });
    const absent = nodes.filter(({ line }) => line === null).map(({ member }) => member);
    const strangers = topology.strangers.filter(({ port }) => !absent.some((member) => member.port === port));
    const problems = [
      ...absent.map(({ name, port }) => `${name} on port ${port} does not run`),
      ...strangers.map(({ host, port }) => `a node at ${host}:${port} is not of this folder`),
      ...open,
    ];
    const state = answering.length === 0 ? 'down' : problems.length === 0 ? 'ok' : 'degraded';
    return { dir: folder.shown, state, slotsCovered: topology.slotsCovered, problems, nodes };
  } finally {
    for (const { connection } of answering) connection.close();
  }
}

function asText(status: Status, terminal: Terminal): string {
  if (status.state === 'down') return `The cluster in ${status.dir} is down; "sextet up" brings it back.`;
  const well = status.state === 'ok';
  const mark = terminal.paint(well ? 'green' : 'yellow', '●');
  const parts = [
    `\n  ${mark} ${status.dir}: ${status.state}, ${status.slotsCovered} of ${SLOT_COUNT} slots are served\n`,
    clusterTable(terminal, status.nodes),
  ];
  if (!well) parts.push(`\n${firstFew(status.problems)}`);
  return parts.join('\n');
}

function asJson(status: Status): object {
  return {
    ...status,
    nodes: status.nodes.map(({ member, pid, line }) => ({
      name: member.name,
      host: LOCALHOST,
      port: member.port,
      pid,
      running: line !== null,
      id: line?.id ?? null,
      role: line?.role ?? null,
      primary: line?.primaryId ? nameOf(line.primaryId, status.nodes) : null,
      slots: line?.slots.map(({ from, to }) => [from, to]) ?? [],
    })),
  };
}
