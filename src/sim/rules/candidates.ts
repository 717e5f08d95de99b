/**
 * Who stands for election, and when: the delay of the promises (1.2), counted anew from what the candidate knew.
 *
 *   scheduled ──½ s──┬── 1 s for each fellow replica that tells of more data ──▶ may ask for votes
 *                    └ an order of the operator asks at once
 */
import type { Election } from '../../gossip/election.js';
import type { Machine } from '../world/machine.js';
import type { CoreStep } from './core-step.js';

const SETTLE_MS = 500;
const PER_RANK_MS = 1000;

export class FreshestGoesFirst {
  private readonly scheduled = new Map<Machine, { election: Election; atMs: number }>();

  readonly check = (step: CoreStep): string | null => {
    const { machine, world, after, effects } = step;
    const { now } = world.clock;
    const { election } = after;
    if (election === null) return null;
    const known = this.scheduled.get(machine);
    const plan = known?.election === election ? known : { election, atMs: now };
    this.scheduled.set(machine, plan);
    const isByOrder = after.manualFailover !== null;
    const asks = effects.some((effect) => effect.kind === 'Log' && effect.text.startsWith('Starting a failover'));
    if (!asks || isByOrder) return null;
    const before = betterFellows(step);
    const waitedMs = now + (machine.life?.aheadMs ?? 0) - plan.atMs;
    if (Math.ceil(waitedMs) >= SETTLE_MS + before * PER_RANK_MS) return null;
    return `it waited ${Math.round(waitedMs)} ms, although ${before} fellow replicas have more data`;
  };
}

function betterFellows({ after }: CoreStep): number {
  const { me, table } = after;
  const primary = table.primaryOf(me);
  if (primary === null) return 0;
  const offset = after.announcedOffset();
  const fellows = table.replicasOf(primary).filter((node) => node.id !== me.id && !node.noFailover);
  return fellows.filter(({ replOffset }) => replOffset > offset).length;
}

/** 31, the other way round: a primary that came back with nothing does not make its replicas drop what they have. */
export function emptinessIsNotCopied({ event, effects, after }: CoreStep): string | null {
  if (event.kind !== 'ResyncOffered') return null;
  const { history, keysOffered, keysHeld, offsetOffered, offsetHeld } = event.offer;
  if (history === 'shared' || keysOffered > 0 || keysHeld === 0) return null;
  const primary = after.me.role === 'replica' ? after.table.primaryOf(after.me) : null;
  if (primary === null || after.slots.countOf(primary.id) === 0) return null;
  const hadOurs = after.syncedWith === primary.id || (after.data === 'of-shard' && offsetOffered < offsetHeld);
  if (!hadOurs) return null;
  if (after.options.noFailover) return null;
  const isTaken = effects.some((effect) => effect.kind === 'Resync' && effect.verdict.may);
  return isTaken ? `${keysHeld} keys are given up for the nothing that ${primary.id} has` : null;
}
