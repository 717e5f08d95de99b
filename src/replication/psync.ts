/**
 * May a replica go on where it stopped? The verdict on PSYNC, with its reason.
 *
 *   PSYNC <id> <offset>     "I have the stream <id>; the next byte I want is number <offset>, counted from 1"
 *
 *   our id, or our second id up to where we left it ──▶ do we still have that byte? ──▶ partial
 *   anything else ────────────────────────────────────────────────────────────────────▶ full, and why
 */
import type { History } from './history.js';

export interface PsyncRequest {
  /** 40 hex digits, or `?` for whoever has nothing. */
  readonly id: string;
  readonly offset: number;
}

/** What is kept of the stream; null where nothing is. */
export type Kept = { readonly first: number; readonly end: number } | null;

export type PsyncVerdict =
  | { partial: true; from: number }
  | { partial: false; why: 'asked-for-it' }
  | { partial: false; why: 'other-history' }
  | { partial: false; why: 'histories-parted'; at: number } // it has more of our former history than we took over
  | { partial: false; why: 'no-backlog' | 'too-old' | 'from-the-future' };

export function judgePsync(request: PsyncRequest, ours: History, kept: Kept): PsyncVerdict {
  const { id, offset } = request;
  const isOurs = sameId(id, ours.id);
  if (!isOurs) {
    if (id.startsWith('?')) return { partial: false, why: 'asked-for-it' };
    if (!sameId(id, ours.secondId)) return { partial: false, why: 'other-history' };
    if (offset > ours.secondEnd) return { partial: false, why: 'histories-parted', at: ours.secondEnd };
  }
  if (kept === null) return { partial: false, why: offset > ours.offset ? 'from-the-future' : 'no-backlog' };
  const place = offset - 1;
  if (place > kept.end) return { partial: false, why: 'from-the-future' };
  if (place < kept.first) return { partial: false, why: 'too-old' };
  return { partial: true, from: place };
}

function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export interface Line {
  readonly level: 'notice' | 'warning';
  readonly text: string;
}

/** In redis' words. `name` is the replica's, as the log shows it. */
export function describePsync(
  verdict: PsyncVerdict,
  request: PsyncRequest,
  ours: History,
  kept: Kept,
  name: string,
): Line[] {
  const { id, offset } = request;
  const refused = 'Partial resynchronization not accepted:';
  if (verdict.partial) {
    const bytes = kept === null ? 0 : kept.end - verdict.from;
    const sending = `Sending ${bytes} bytes of backlog starting from offset ${offset}.`;
    return notice(`Partial resynchronization request from ${name} accepted. ${sending}`);
  }
  switch (verdict.why) {
    case 'asked-for-it':
      return notice(`Full resync requested by replica ${name}`);
    case 'other-history': {
      const both = `'${ours.id}' and '${ours.secondId}'`;
      return notice(`${refused} Replication ID mismatch (Replica asked for '${id}', my replication IDs are ${both})`);
    }
    case 'histories-parted':
      return notice(`${refused} Requested offset for second ID was ${offset}, but I can reply up to ${verdict.at}`);
    default:
      return lackOfBacklog(offset > ours.offset, offset, name);
  }
}

function lackOfBacklog(isAhead: boolean, offset: number, name: string): Line[] {
  const line = `Unable to partial resync with replica ${name} for lack of backlog (Replica request was: ${offset}).`;
  const ahead = `Warning: replica ${name} tried to PSYNC with an offset that is greater than the master replication offset.`;
  return isAhead ? [...notice(line), { level: 'warning', text: ahead }] : notice(line);
}

function notice(text: string): Line[] {
  return [{ level: 'notice', text }];
}
