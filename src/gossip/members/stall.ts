/**
 * We stood still (stopped, swapped out, a virtual machine on its way): the cluster may have gone on without us.
 *
 *        ticks │ │ │ │                     │ │ │
 *   time ──────┴─┴─┴─┴──── no tick ────────┴─┴─┴──────▶
 *            longer than T/2, and three ticks  ▲ from here on no write, until a majority has answered
 *
 * A node that is stopped has not seen the silence it made: 7.0 serves writes for some moments, although a replica may
 * have taken its slots. Here every primary with slots is asked first. Only an answer to a question put after the stall
 * counts: those to earlier ones may have lain in the buffers all the while. How many those are is known, because a
 * link is answered in order.
 *
 * What the answers prove: whoever was elected meanwhile has the votes of a majority, and each of these voters is in the
 * epoch of that election. Two majorities meet, so if nobody tells a later epoch than ours, nobody was elected. If
 * somebody does, we wait as after a minority: the news is on its way. (A TAKEOVER asks nobody, and stays the
 * operator's business.)
 *
 * Our stall is not the others' silence: whoever owed us an answer gets the node timeout anew.
 */

import type { ClusterState } from '../cluster-state.js';
import { ping } from '../heartbeat.js';
import type { Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';

/** × node timeout. Others suspect us after one; half of it leaves them time to vote, and us none to be replaced. */
const STALL_FACTOR = 1 / 2;
/** Three ticks: the least that is a stall. Nobody is replaced sooner, since a candidate waits for 500 ms. */
const MIN_STALL_MS = 300;

/** Before anything else of each step: whatever comes first after a stall must find it noted. */
export function noteStall(state: ClusterState, turn: Turn): void {
  const gapMs = turn.now - state.tickedAt;
  const limitMs = Math.max(state.options.nodeTimeoutMs * STALL_FACTOR, MIN_STALL_MS);
  if (state.tickedAt === NEVER || gapMs <= limitMs) return;
  state.tickedAt = turn.now;
  for (const node of state.table.others()) if (node.pingSentAt !== NEVER) node.pingSentAt = turn.now;
  const voters = state.voters();
  if (!voters.includes(state.me) || voters.length < 2) return;
  const oldAnswers = new Map<NodeId, number>(voters.map(({ id, unanswered }) => [id, unanswered]));
  state.stall = { at: turn.now, gapMs, epoch: state.currentEpoch, oldAnswers, heard: new Set([state.me.id]) };
  state.healthIsStale = true;
  turn.log('verbose', `No tick for ${gapMs} milliseconds: asking the other masters before serving again.`);
  for (const node of voters) if (node !== state.me) ping(state, node, turn);
}

/** A node has answered a ping of ours. */
export function hearAfterStall(state: ClusterState, node: Node, turn: Turn): void {
  const { stall } = state;
  if (stall === null) return;
  const old = stall.oldAnswers.get(node.id) ?? 0;
  if (old > 0) {
    stall.oldAnswers.set(node.id, old - 1);
    return;
  }
  if (!state.isVoter(node)) return;
  stall.heard.add(node.id);
  state.healthIsStale = true;
  if (state.voters().filter(({ id }) => stall.heard.has(id)).length < state.quorum()) return;
  if (state.currentEpoch > stall.epoch) state.inMinorityAt = turn.now;
  state.stall = null;
}
