/**
 * From silence to suspicion to a verdict, and back.
 *
 *   suspected   one node's opinion: no answer for the node timeout
 *   failed      a majority of voters had that opinion within two node timeouts; told to all by a FAIL packet
 *
 * Opinions travel in heartbeats. 7.0 leaves it to chance when the next one goes to somebody who has the same opinion:
 * 0.2 s in the middle, up to 0.7 s, in a cluster of six. Here a voter tells its new suspicion at once.
 *
 * FAIL only triggers an election, so this weak agreement is enough; safe is what the votes decide.
 */

import type { ClusterState } from '../cluster-state.js';
import { pursueElection } from '../failover/candidate.js';
import { packetFrom, tell } from '../heartbeat.js';
import type { Millis, Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';
import { sendTo } from './links.js';
import { hearAfterStall } from './stall.js';

/** A failed primary with slots stays failed this many node timeouts, while a replica may be taking them over. */
const FAIL_UNDO_AFTER = 2;

/** A new suspicion is told to so many voters, by id, so that suspicions meet; in a small cluster to all of them. */
const CONFIDANTS = 10;

/** How long a node has kept us waiting: any packet from it counts as a sign of life. 0 where nothing was asked. */
export function silenceOf(node: Pick<Node, 'pingSentAt' | 'heardAt'>, now: Millis): Millis {
  return node.pingSentAt === NEVER ? 0 : Math.min(now - node.pingSentAt, now - node.heardAt);
}

/** These have been silent for too long. Reports may have come before our own opinion. */
export function suspect(state: ClusterState, silent: readonly Node[], turn: Turn): void {
  const news = silent.filter(({ health }) => health === 'ok');
  if (news.length === 0) return;
  for (const node of news) {
    node.health = 'suspected';
    turn.log('debug', `*** NODE ${node.id} possibly failing`);
  }
  state.healthIsStale = true;
  for (const node of news) failIfQuorum(state, node, turn);
  if (state.isVoter(state.me) && news.some(({ health }) => health === 'suspected'))
    tell(state, confidants(state), turn);
}

function confidants(state: ClusterState): Node[] {
  const others = state.voters().filter((node) => node !== state.me && node.health === 'ok');
  return others.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, CONFIDANTS);
}

function failIfQuorum(state: ClusterState, node: Node, turn: Turn): void {
  if (node.health !== 'suspected') return;
  const agreeing = state.failReportCount(node, turn.now) + (state.me.role === 'primary' ? 1 : 0);
  if (agreeing < state.quorum()) return;
  turn.log('notice', `Marking node ${node.id} as failing (quorum reached).`);
  markFailed(state, node, null, turn);
  sendTo(state, state.table.members(), packetFrom(state, 'FAIL', { kind: 'fail', nodeId: node.id }), turn);
  replaceIfMine(state, node, turn);
}

/** The delay before an election begins with the FAIL, not with our next tick. */
function replaceIfMine(state: ClusterState, failed: Node, turn: Turn): void {
  if (state.me.primaryId === failed.id) pursueElection(state, turn);
}

function markFailed(state: ClusterState, node: Node, by: NodeId | null, turn: Turn): void {
  node.health = 'failed';
  node.failedAt = turn.now;
  node.failedBy = by;
  state.healthIsStale = true;
  turn.save('a node failed');
}

/** What a primary says of a third node's health. A replica's opinion has no weight. */
export function hearReport(state: ClusterState, about: Node, sender: Node, isDown: boolean, turn: Turn): void {
  if (isDown) {
    const isNews = !about.failReports.has(sender.id);
    about.failReports.set(sender.id, turn.now);
    if (isNews) turn.log('verbose', `Node ${sender.id} reported node ${about.id} as not reachable.`);
    failIfQuorum(state, about, turn);
  } else if (about.failReports.delete(sender.id)) {
    turn.log('verbose', `Node ${sender.id} reported node ${about.id} is back online.`);
  }
}

export function hearFail(state: ClusterState, failedId: NodeId, sender: Node, turn: Turn): void {
  const node = state.table.get(failedId);
  if (!node || node === state.me || node.inHandshake || node.health === 'failed') return;
  turn.log('notice', `FAIL message received from ${sender.id} about ${node.id}`);
  markFailed(state, node, sender.id, turn);
  replaceIfMine(state, node, turn);
}

/** It answered a ping of ours. */
export function hearAnswer(state: ClusterState, node: Node, turn: Turn): void {
  node.pongReceivedAt = turn.now;
  node.pingSentAt = NEVER;
  hearAfterStall(state, node, turn);
  if (node.unanswered > 0) node.unanswered--;
  if (node.health === 'suspected') recover(state, node, turn);
  else if (node.health === 'failed') recoverFromFail(state, node, turn);
}

function recoverFromFail(state: ClusterState, node: Node, turn: Turn): void {
  const who = node.role === 'replica' ? 'replica' : 'master without slots';
  if (node.role === 'replica' || state.slotCount(node) === 0) {
    turn.log('notice', `Clear FAIL state for node ${node.id}: ${who} is reachable again.`);
    recover(state, node, turn);
  } else if (turn.now - node.failedAt > state.options.nodeTimeoutMs * FAIL_UNDO_AFTER) {
    const words = 'is reachable again and nobody is serving its slots after some time.';
    turn.log('notice', `Clear FAIL state for node ${node.id}: ${words}`);
    recover(state, node, turn);
  }
}

function recover(state: ClusterState, node: Node, turn: Turn): void {
  node.health = 'ok';
  state.healthIsStale = true;
  turn.save('a node recovered');
}
