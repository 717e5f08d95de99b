/**
 * The folder of a cluster: what makes a second start bring back the same nodes.
 *
 *    sextet-data/
 *      cluster.json     the shape: names, ports, replicas. Stays.
 *      running.json     pids, while it runs. Its presence says that someone started it.
 *      node-1/          redis.conf, node.log, nodes.conf and what the server itself keeps
 *
 * Nothing in it holds a path, so the folder can be moved while the cluster is down. A node's folder does not carry its
 * port in its name: the ports change when they are taken, the node stays.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { asFileError } from '../server/file-error.js';
import { newConfig, type Setting, valueIn, withSettings } from './redis-conf.js';
import { Trouble } from './trouble.js';

export interface Member {
  readonly name: string;
  readonly port: number;
}

/** cluster.json */
export interface Description {
  readonly replicas: number;
  readonly members: readonly Member[];
}

/** running.json */
export interface Running {
  /** The process that stays in front, or the one that started the nodes and has gone. */
  readonly launcher: number;
  readonly pids: Readonly<Record<string, number>>;
}

export class ClusterFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** As a person would type it from where he is. */
  get shown(): string {
    const fromHere = relative(process.cwd(), this.path);
    return fromHere === '' ? '.' : fromHere.startsWith('..') ? this.path : fromHere;
  }

  folderOf(member: Member): string {
    return join(this.path, member.name);
  }

  logOf(member: Member): string {
    return join(this.folderOf(member), 'node.log');
  }

  confOf(member: Member): string {
    return join(this.folderOf(member), 'redis.conf');
  }

  describe(): Description | null {
    const found = this.readJson('cluster.json');
    if (found === null) return null;
    if (isDescription(found)) return found;
    throw new Trouble(
      `${join(this.shown, 'cluster.json')} is damaged: remove ${this.shown} to start anew, or give another --dir`,
    );
  }

  /**
   * Makes what is missing, puts ports and settings in place, and leaves alone all else that is there. Returns how to
   * take it back, for when the nodes do not even start: a mistyped setting must not stay.
   */
  prepare(description: Description, settings: readonly Setting[]): () => void {
    const undo = description.members.map((member) => this.prepareMember(member, settings));
    undo.push(changeFile(join(this.path, 'cluster.json'), `${JSON.stringify(description, null, 2)}\n`));
    return () => {
      for (const takeBack of undo) takeBack();
    };
  }

  private prepareMember(member: Member, settings: readonly Setting[]): () => void {
    const isNew = mkdirSync(this.folderOf(member), { recursive: true }) !== undefined;
    const conf = this.confOf(member);
    const text = existsSync(conf)
      ? withSettings(readFileSync(conf, 'utf8'), [['port', String(member.port)], ...settings])
      : newConfig(member.port, settings);
    const restoreConf = changeFile(conf, text);
    return isNew ? () => rmSync(this.folderOf(member), { recursive: true, force: true }) : restoreConf;
  }

  /** The password of the members, which all have the same. */
  password(description: Description): string | null {
    const [first] = description.members;
    if (!first || !existsSync(this.confOf(first))) return null;
    return valueIn(readFileSync(this.confOf(first), 'utf8'), 'requirepass') || null;
  }

  /** Who the node is, which its server wrote down; null before its first start. */
  nodeIdOf(member: Member): string | null {
    const conf = join(this.folderOf(member), 'nodes.conf');
    if (!existsSync(conf)) return null;
    const me = readFileSync(conf, 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[2]?.split(',').includes('myself'));
    return me?.split(' ')[0] ?? null;
  }

  running(): Running | null {
    const found = this.readJson('running.json');
    return isRunning(found) ? found : null;
  }

  /** False when somebody else has claimed the folder already; the file is made only if it is not there. */
  claim(): boolean {
    try {
      makeFolder(this.path);
      closeSync(openSync(join(this.path, 'running.json'), 'wx'));
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST') && isFolder(this.path)) return false;
      throw new Trouble(`${this.shown} cannot be the folder of a cluster: ${asFileError(error).message}`);
    }
  }

  noteRunning(running: Running): void {
    replaceFile(join(this.path, 'running.json'), `${JSON.stringify(running, null, 2)}\n`);
  }

  /** An empty folder goes, too. */
  release(): void {
    rmSync(join(this.path, 'running.json'), { force: true });
    if (existsSync(this.path) && readdirSync(this.path).length === 0) rmdirSync(this.path);
  }

  private readJson(name: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.path, name), 'utf8'));
    } catch (error) {
      if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return null;
      if (error instanceof SyntaxError) return undefined;
      throw new Trouble(`Cannot read ${join(this.shown, name)}: ${asFileError(error).message}`);
    }
  }
}

/** Node's own way to make the folders above, too, never ends where the system says that an existing one is missing. */
function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isFolder(path)) throw error; // else somebody was quicker
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isDescription(value: unknown): value is Description {
  if (typeof value !== 'object' || value === null) return false;
  if (!('replicas' in value) || !Number.isInteger(value.replicas)) return false;
  return (
    'members' in value && Array.isArray(value.members) && value.members.length > 0 && value.members.every(isMember)
  );
}

function isMember(value: unknown): value is Member {
  if (typeof value !== 'object' || value === null) return false;
  if (!('name' in value) || typeof value.name !== 'string' || !/^[\w-]+$/.test(value.name)) return false;
  return 'port' in value && Number.isInteger(value.port);
}

function isRunning(value: unknown): value is Running {
  if (typeof value !== 'object' || value === null) return false;
  return 'launcher' in value && typeof value.launcher === 'number' && 'pids' in value && typeof value.pids === 'object';
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Returns how to put back what was there. */
function changeFile(path: string, text: string): () => void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
  replaceFile(path, text);
  return () => (before === null ? rmSync(path, { force: true }) : replaceFile(path, before));
}

function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 }); // a password may be in it
  renameSync(`${path}.new`, path);
}
