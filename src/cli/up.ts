/**
 * `sextet up`: a cluster in front of you. Claims the folder, brings the nodes up, shows them, and stays until Ctrl-C or
 * until the last node has gone.
 */
import { bringUp, isRunning, lookAround, type RunningCluster } from '../kit/cluster.js';
import { ClusterFolder } from '../kit/folder.js';
import { describeEnding, LAST_WORDS, type NodeProcess, serverCommand } from '../kit/launch.js';
import { PRIMARIES_FOR_FAILOVER } from '../kit/plan.js';
import { startAnywhere } from '../kit/ports.js';
import { counted, Trouble } from '../kit/trouble.js';
import type { Told } from './arguments.js';
import { clusterTable } from './cluster-table.js';
import { runStatus } from './status.js';
import type { Terminal } from './terminal.js';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;
/** npm passes a Ctrl-C on that the terminal has already delivered; a person needs longer to press it again. */
const SAME_KEYPRESS_MS = 500;

export async function runUp(told: Told, terminal: Terminal, root: string): Promise<number> {
  const startedAt = performance.now();
  const folder = new ClusterFolder(told.dir);
  if (!(await claim(folder, terminal))) return alreadyRuns(told, terminal, folder);
  const stopRequest = catchStopSignals();
  const progress = terminal.progress();
  let cluster: RunningCluster;
  try {
    const wishes = {
      ...told,
      port: told.port === 0 ? startAnywhere(Math.random()) : told.port,
      server: serverCommand(root, process.env),
    };
    cluster = await bringUp(folder, wishes, progress, stopRequest.signal);
  } catch (error) {
    folder.release();
    if (stopRequest.signal.aborted) return 0;
    throw error;
  } finally {
    progress.done();
  }
  show(cluster, performance.now() - startedAt, terminal);
  if (told.detach) {
    cluster.detach();
    terminal.say(
      `\n  The nodes run on. ${terminal.paint('bold', 'sextet down')} stops them, ${terminal.paint('bold', 'sextet status')} looks at them.`,
    );
    return 0;
  }
  terminal.say(`\n  ${terminal.paint('bold', 'Ctrl-C')} stops all nodes.`);
  return stayInFront(cluster, stopRequest.signal, terminal);
}

/** True when nobody runs anything from this folder; what a killed launcher left behind is cleared away. */
async function claim(folder: ClusterFolder, terminal: Terminal): Promise<boolean> {
  if (folder.claim()) return true;
  const description = folder.describe();
  const sightings = description ? await lookAround(folder, description) : [];
  for (const { connection } of sightings) connection?.close();
  const alive = sightings.filter(isRunning);
  if (alive.length > 0 && alive.length === sightings.length) return false;
  if (alive.length > 0) {
    throw new Trouble(
      `${alive.length} of ${sightings.length} nodes still run from ${folder.shown}: stop them with "sextet down", then start again`,
    );
  }
  terminal.note(`Clearing away what a start that was cut short left in ${folder.shown}.`);
  folder.release();
  return folder.claim();
}

async function alreadyRuns(told: Told, terminal: Terminal, folder: ClusterFolder): Promise<number> {
  terminal.note(`A cluster already runs from ${folder.shown}; "sextet down" stops it.`);
  const code = await runStatus(told, terminal);
  return told.detach ? code : 1; // who asks for it in the background has what he wants
}

function show(cluster: RunningCluster, tookMs: number, terminal: Terminal): void {
  const { members } = cluster.description;
  const lines = new Map([...cluster.topology.members.values()].map((line) => [line.port, line]));
  const shown = cluster.processes.map(({ member, pid }) => ({ member, pid, line: lines.get(member.port) ?? null }));
  const primaries = shown.filter(({ line }) => line?.role === 'primary').length;
  const what = `${counted(members.length, 'node', 'nodes')}, ${counted(primaries, 'primary', 'primaries')}, all 16384 slots`;
  const news = cluster.isNew ? 'ready' : 'back';
  terminal.say(
    `\n  ${terminal.paint('green', '●')} ${terminal.paint('bold', `The cluster is ${news}`)}: ${what}, ${(tookMs / 1000).toFixed(2)} s\n`,
  );
  terminal.say(clusterTable(terminal, shown));
  const port = members[0]?.port;
  const isLocked = cluster.password !== null;
  terminal.say(`\n  redis-cli -c -p ${port}${isLocked ? ' --askpass' : ''}`);
  const options = isLocked ? ', { redisOptions: { password } }' : '';
  terminal.say(
    `  new Redis.Cluster([{ host: '127.0.0.1', port: ${port} }]${options})   ${terminal.paint('dim', '// ioredis')}`,
  );
  terminal.say(`\n  Data and logs are in ${cluster.folder.shown}.`);
  if (primaries < PRIMARIES_FOR_FAILOVER) {
    terminal.note(
      `With fewer than ${PRIMARIES_FOR_FAILOVER} primaries nothing fails over by itself: a failed one leaves no majority.`,
    );
  }
}

interface StopRequest {
  readonly signal: AbortSignal;
}

/** The first signal asks for an orderly stop, a second one ends everything at once. */
function catchStopSignals(): StopRequest {
  const controller = new AbortController();
  let askedAt = 0;
  const onSignal = () => {
    const now = performance.now();
    if (controller.signal.aborted && now - askedAt > SAME_KEYPRESS_MS) process.exit(1);
    if (!controller.signal.aborted) askedAt = now;
    controller.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return { signal: controller.signal };
}

async function stayInFront(cluster: RunningCluster, signal: AbortSignal, terminal: Terminal): Promise<number> {
  let failures = 0;
  const watches = cluster.processes.map(async (node) => {
    const ending = await node.ended;
    if (signal.aborted) return;
    if (ending.code !== 0) failures++;
    report(node, terminal);
  });
  await Promise.race([Promise.all(watches), aborted(signal)]);
  if (signal.aborted) terminal.note(`\nStopping ${counted(cluster.processes.length, 'node', 'nodes')}`);
  const byForce = await cluster.stop();
  for (const name of byForce) terminal.note(`${name} did not stop by itself and was ended; its log tells more.`);
  return failures + byForce.length === 0 ? 0 : 1;
}

function report(node: NodeProcess, terminal: Terminal): void {
  const ending = node.ending();
  const who = `${node.member.name} on port ${node.member.port}`;
  if (ending?.code === 0) return terminal.note(`${who} was shut down.`);
  terminal.note(`${who} ended (${describeEnding(ending)}). Its last lines:\n${node.lastWords(LAST_WORDS)}`);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
