/**
 * nodes.conf on a host, and what is not in it yet.
 *
 *    soon      memory, written on the next tick
 *    written   nodes.conf.part ── rename ──▶ nodes.conf.new, put in place a little later, on a tick
 *    durable   the same, and put in place at once:  sync ── rename ──▶ nodes.conf ── sync of the folder
 *
 * What is written outlives this process: the next start finds the newer state beside the file, whole, and puts it in
 * place. It does not outlive the machine, and need not: what others rely on is made durable. Wherever a crash comes,
 * nodes.conf is the old state or the new one, and never a part of one.
 *
 * A disk that is slow to sync is asked seldom: putting in place takes a twentieth of the time at most.
 */
import type { Files, Host } from '../../base/host.js';
import type { SavedCluster } from '../../gossip/node-table.js';
import { formatNodesConf, parseNodesConf, type ReadConf } from '../../gossip/nodes-conf.js';

/** × the time that it took to put a file in place: so long nobody does it again without need. */
const REST_FACTOR = 20;

const LINE_END = 0x0a;

export class NodesFile {
  private readonly part: string;
  private readonly fresh: string;
  private readonly folder: string;
  private readonly files: Files;
  private waiting: SavedCluster | null = null;
  private isBeside = false;
  private restsUntil = 0;

  constructor(
    private readonly host: Host,
    private readonly path: string,
  ) {
    const slash = path.lastIndexOf('/');
    this.files = host.files;
    this.part = `${path}.part`;
    this.fresh = `${path}.new`;
    this.folder = slash < 0 ? '.' : path.slice(0, slash || 1);
  }

  /** null where there is no cluster to remember. */
  read(): ReadConf | null {
    const bytes = this.files.read(this.path);
    if (bytes === null || bytes.length === 0) return null;
    const inPlace = parseNodesConf(bytes);
    if (!inPlace.ok) return inPlace;
    const beside = this.readBeside(inPlace.saved);
    if (beside === null) return inPlace;
    this.putInPlace();
    return beside;
  }

  /** What a process that was killed had written, if it is whole and goes on from the file: else it is of no use. */
  private readBeside(inPlace: SavedCluster): ReadConf | null {
    const bytes = this.files.read(this.fresh);
    if (bytes === null) return null;
    const read = parseNodesConf(bytes);
    if (read.ok && isWhole(bytes) && goesOnFrom(inPlace, read.saved)) return read;
    this.files.remove(this.fresh);
    return null;
  }

  /** On disk before this returns. */
  saveDurably(state: SavedCluster): void {
    this.write(state);
    this.putInPlace();
  }

  /** Not into the file beside: what that has is perhaps nowhere else. */
  write(state: SavedCluster): void {
    this.waiting = null;
    this.files.write(this.part, Buffer.from(formatNodesConf(state), 'latin1'));
    this.files.rename(this.part, this.fresh);
    this.isBeside = true;
  }

  writeSoon(state: SavedCluster): void {
    this.waiting = state;
  }

  tick(): void {
    if (this.waiting !== null) this.write(this.waiting);
    if (this.isBeside && this.host.monotonicMs() >= this.restsUntil) this.putInPlace();
  }

  finish(): void {
    if (this.waiting !== null) this.write(this.waiting);
    if (this.isBeside) this.putInPlace();
  }

  /** Synced before it has the name: whoever reads sees the old state or the new one. */
  private putInPlace(): void {
    const begunAt = this.host.monotonicMs();
    this.files.sync(this.fresh);
    this.files.rename(this.fresh, this.path);
    this.files.syncFolder(this.folder);
    this.isBeside = false;
    const endedAt = this.host.monotonicMs();
    this.restsUntil = endedAt + (endedAt - begunAt) * REST_FACTOR;
  }
}

/** The epochs are its last line, and where blocks are missing there are zeros. */
function isWhole(bytes: Uint8Array): boolean {
  const lastLine = Buffer.from(bytes.subarray(bytes.lastIndexOf(LINE_END, bytes.length - 2) + 1));
  return lastLine.toString('latin1').startsWith('vars ') && !bytes.includes(0);
}

/** The same node, and no clock was set back: not what an operator has put another file in front of. */
function goesOnFrom(older: SavedCluster, newer: SavedCluster): boolean {
  const clocks = newer.currentEpoch >= older.currentEpoch && newer.lastVoteEpoch >= older.lastVoteEpoch;
  return clocks && idOf(newer) === idOf(older);
}

function idOf({ nodes }: SavedCluster): string | undefined {
  return nodes.find(({ myself }) => myself)?.id;
}
