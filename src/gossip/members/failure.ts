/**
 * From silence to suspicion to a verdict, and back.
 *
 *   suspected   one node's opinion: no answer for the node timeout
 *   failed      a majority of voters had that opinion within two node timeouts; told to all by a FAIL packet
 *
 * FAIL only triggers an election, so this weak agreement is enough; safe is what the votes decide.
 */

import type { ClusterState } from '../cluster-state.js';
import { packetFrom } from '../heartbeat.js';
import type { Millis, Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';
import { sendTo } from './links.js';
import { hearAfterStall } from './stall.js';

/** A failed primary with slots stays failed this many node timeouts, while a replica may be taking them over. */
const FAIL_UNDO_AFTER = 2;

/** How long a node has kept us waiting: any packet from it counts as a sign of life. 0 where nothing was asked. */
export function silenceOf(node: Pick<Node, 'pingSentAt' | 'heardAt'>, now: Millis): Millis {
  return node.pingSentAt === NEVER ? 0 : Math.min(now - node.pingSentAt, now - node.heardAt);
}

export function suspect(state: ClusterState, node: Node, turn: Turn): void {
  if (node.health !== 'ok') return;
  node.health = 'suspected';
  state.healthIsStale = true;
  turn.log('debug', `*** NODE ${node.id} possibly failing`);
}

export function failIfQuorum(state: ClusterState, node: Node, turn: Turn): void {
  if (node.health !== 'suspected') return;
  const agreeing = state.failReportCount(node, turn.now) + (state.me.role === 'primary' ? 1 : 0);
  if (agreeing < state.quorum()) return;
  turn.log('notice', `Marking node ${node.id} as failing (quorum reached).`);
  markFailed(state, node, null, turn);
  sendTo(state, state.table.members(), packetFrom(state, 'FAIL', { kind: 'fail', nodeId: node.id }), turn);
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
