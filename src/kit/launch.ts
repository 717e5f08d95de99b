/**
 * Nodes as processes: started in their folders, told to stop, and their end noticed.
 *
 * A process writes to the node's log file by itself, so it lives on when the one that started it goes; and it is a
 * process group of its own, so a Ctrl-C in the terminal reaches only the one in front, which then stops the nodes in
 * order.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { Connection } from './connection.js';
import { type ClusterFolder, isCode, type Member } from './folder.js';
import { LOCALHOST } from './ports.js';
import { Trouble } from './trouble.js';
import { until, within } from './wait.js';

/** What is run: a program and the arguments in front of the path of redis.conf. */
export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface NodeProcess {
  readonly member: Member;
  readonly pid: number;
  readonly ended: Promise<Ending>;
  /** Null while it runs. */
  ending(): Ending | null;
  /** The last lines it wrote since it was started. */
  lastWords(lines: number): string;
  /** Lets the process of this program end although the node runs on. */
  detach(): void;
}

/** A node reads its configuration and listens; a machine that is short of everything takes seconds for that. */
const START_PATIENCE = { everyMs: 10, atMostMs: 20_000 };
/** Enough for the block that a configuration error prints. */
export const LAST_WORDS = 10;
/** A node saves what it has to save before it goes. */
const STOP_PATIENCE_MS = 10_000;

/**
 * glibc gives each thread a heap of its own: 2.3 MB a node (61.8 to 59.5 MB), of which nobody here has any use. And
 * what it once took for a buffer it keeps, unless the buffer has a mapping of its own: after a hundred clients that
 * did not read 580 MB a node stayed at 629 MB; with a fixed limit from which on there are mappings it is at 59 MB.
 */
const FRUGAL = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };

/** Our own server, or the program that SEXTET_SERVER_BIN names, which must take what redis-server takes. */
export function serverCommand(root: string, environment: NodeJS.ProcessEnv): ServerCommand {
  const other = environment.SEXTET_SERVER_BIN;
  if (other) return { program: other, args: [] };
  return { program: process.execPath, args: [`${root}/bin/sextet-server.js`] };
}

export function startNode(folder: ClusterFolder, member: Member, command: ServerCommand): NodeProcess {
  const log = folder.logOf(member);
  const output = openSync(log, 'a');
  const alreadyThere = statSync(log).size;
  const child = spawn(command.program, [...command.args, 'redis.conf'], {
    cwd: folder.folderOf(member),
    env: { ...FRUGAL, ...process.env },
    stdio: ['ignore', output, output],
    detached: process.platform !== 'win32', // there it would open a window
    windowsHide: true,
  });
  closeSync(output);
  let ending: Ending | null = null;
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', (error) => reject(new Trouble(`Cannot start ${command.program}: ${error.message}`)));
    child.once('exit', (code, signal) => resolve((ending = { code, signal })));
  });
  ended.catch(() => {}); // who waits for the start hears of it
  return {
    member,
    pid: child.pid ?? 0,
    ended,
    ending: () => ending,
    lastWords: (lines) => lastLines(readFileSync(log).subarray(alreadyThere).toString(), lines),
    detach: () => child.unref(),
  };
}

/** A node that ended before it listened: most often its configuration is not what the server takes. */
export class NeverStarted extends Trouble {}

/** Connected as soon as it listens. Rejects with its last words when it ends instead. */
export async function whenReady(node: NodeProcess, password: string | null): Promise<Connection> {
  const { port, name } = node.member;
  const connection = await until(async () => {
    if (node.pid === 0 || node.ending()) return (await node.ended) && 'ended';
    return openIfListening(port, password);
  }, START_PATIENCE);
  if (connection instanceof Connection) return connection;
  const lastWords = `Its last lines:\n${node.lastWords(LAST_WORDS)}`;
  if (connection === null) throw new Trouble(`${name} on port ${port} does not answer. ${lastWords}`);
  throw new NeverStarted(`${name} on port ${port} ended at once (${describeEnding(node.ending())}). ${lastWords}`);
}

async function openIfListening(port: number, password: string | null): Promise<Connection | null> {
  try {
    const connection = await Connection.open({ host: LOCALHOST, port }, password);
    const reply = await connection.ask('PING');
    if (Buffer.isBuffer(reply)) return connection;
    connection.close(); // -LOADING: it reads its data
    return null;
  } catch (error) {
    if (isCode(error, 'ECONNREFUSED') || isCode(error, 'ECONNRESET')) return null;
    throw error;
  }
}

export function describeEnding(ending: Ending | null): string {
  return ending?.signal ? `signal ${ending.signal}` : `exit code ${ending?.code}`;
}

/** What is left of a running node for those who did not start it. */
export interface StopTarget {
  readonly port: number;
  readonly pid: number;
}

/** Asks it to go as a server goes, waits, and ends it by force if it does not. True: it went by itself. */
export async function stopNode(target: StopTarget, password: string | null): Promise<boolean> {
  if (!isAlive(target.pid)) return true;
  await askToStop(target, password);
  const gone = await until(async () => !isAlive(target.pid) || null, { everyMs: 10, atMostMs: STOP_PATIENCE_MS });
  if (gone) return true;
  sendSignal(target.pid, 'SIGKILL');
  await until(async () => !isAlive(target.pid) || null, { everyMs: 10, atMostMs: STOP_PATIENCE_MS });
  return false;
}

/** SIGTERM where there is such a thing: on Windows it ends a process without a word, so there we say SHUTDOWN. */
async function askToStop(target: StopTarget, password: string | null): Promise<void> {
  if (process.platform !== 'win32') return sendSignal(target.pid, 'SIGTERM');
  const connection = await Connection.open({ host: LOCALHOST, port: target.port }, password).catch(() => null);
  if (connection) await shutDown(connection);
}

/** A node that shuts down closes the connection instead of an answer. */
export async function shutDown(connection: Connection): Promise<void> {
  const closing = connection.ask('SHUTDOWN').catch(() => null);
  await within(STOP_PATIENCE_MS, closing);
  connection.close();
}

/** To a process that may have gone a moment ago. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isCode(error, 'ESRCH')) throw error;
  }
}

export function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isUnburied(pid);
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** Has ended, but nobody has asked for its exit code: in a container the first process often does not. */
function isUnburied(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
