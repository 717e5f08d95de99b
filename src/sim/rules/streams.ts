/**
 * Rule 26 of the promises: who is told +CONTINUE has a part of that very stream, and gets all of the rest.
 *
 *   replica:  ──── id, up to here ────▶│
 *   primary:  ──── first ═══════════════════ end       the same history, the byte is kept, and where both have kept the
 *                                                      stream, both have kept the same bytes
 */
import type { Backlog } from '../../replication/backlog.js';
import type { History } from '../../replication/history.js';
import { Life } from '../world/life.js';
import type { End } from '../world/end.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';

const CONTINUE = Buffer.from('+CONTINUE');

export class StreamsGoOn implements Watcher {
  constructor(private readonly world: World) {}

  sent(machine: Machine, to: string, bytes: Uint8Array, end: End): void {
    if (bytes[0] !== CONTINUE[0] || !CONTINUE.equals(bytes.subarray(0, CONTINUE.length))) return;
    const asking = end.peer?.party;
    const replica = asking instanceof Life && asking.haltedBy === null ? asking.node?.replication : undefined;
    const primary = machine.node?.replication;
    if (replica === undefined || primary === undefined) return;
    const wrong =
      otherHistory(replica.history, primary.history) ??
      notKept(replica.history.offset, primary.backlog) ??
      otherBytes(replica.history.offset, replica.backlog, primary.backlog);
    if (wrong !== null)
      this.world.violate('26: +CONTINUE only within one stream', `${machine.name} to ${to}: ${wrong}`);
  }
}

function otherHistory(theirs: History, ours: History): string | null {
  if (theirs.id === ours.id) return null;
  if (theirs.id !== ours.secondId) return `it has history ${theirs.id}, not ${ours.id} or ${ours.secondId}`;
  return theirs.offset < ours.secondEnd ? null : `it is at ${theirs.offset}, and they parted before ${ours.secondEnd}`;
}

function notKept(offset: number, kept: Backlog | null): string | null {
  if (kept !== null && offset >= kept.first && offset <= kept.end) return null;
  return kept === null ? 'nothing is kept' : `it is at ${offset}, kept is ${kept.first} to ${kept.end}`;
}

function otherBytes(offset: number, theirs: Backlog | null, ours: Backlog | null): string | null {
  if (theirs === null || ours === null) return null;
  const end = Math.min(offset, theirs.end, ours.end);
  for (let at = Math.max(theirs.first, ours.first); at < end; ) {
    const [mine, other] = [ours.read(at), theirs.read(at)];
    const length = Math.min(mine.length, other.length, end - at);
    if (length === 0) return `a stream has no byte ${at}`;
    if (mine.compare(other, 0, length, 0, length) !== 0) return `the streams differ behind ${at}`;
    at += length;
  }
  return null;
}
