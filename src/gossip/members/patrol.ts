/**
 * The round made on every tick: who needs a link, who is due for a ping, who has been silent for too long.
 *
 *   pong older than   T/2 ── ping it                        T = node timeout
 *   ping unanswered,  T/2 ── reopen the link: it may be the connection alone
 *   and nothing heard,  T ── suspect it
 *
 * Besides, one ping a second goes to the node heard of longest ago among five drawn at random: in a big cluster that
 * keeps most nodes fresh, and the rule of T/2 has little to do.
 */

import type { ClusterState } from '../cluster-state.js';
import { meet, ping } from '../heartbeat.js';
import type { Node } from '../node-table.js';
import { NEVER } from '../node-table.js';
import type { Turn } from '../turn.js';
import { silenceOf, suspect } from './failure.js';
import { forgetNode, MIN_HANDSHAKE_MS } from './handshake.js';
import { closeLink, connect } from './links.js';

const TICKS_PER_RANDOM_PING = 10;
const RANDOM_PING_SAMPLE = 5;

export function patrol(state: ClusterState, turn: Turn): void {
  const handshakeLimitMs = Math.max(state.options.nodeTimeoutMs, MIN_HANDSHAKE_MS);
  for (const node of state.table.others()) {
    if (node.inHandshake && turn.now - node.createdAt > handshakeLimitMs) forgetNode(state, node, turn);
    else connect(state, node, turn);
  }
  if (state.tickCount % TICKS_PER_RANDOM_PING === 0) pingSomebody(state, turn);
  const members = state.table.members().filter((node) => !node.noAddress);
  for (const node of members) {
    if (node.metByOrder) meetAgain(state, node, handshakeLimitMs, turn);
    watch(state, node, turn);
  }
  const silent = members.filter((node) => silenceOf(node, turn.now) > state.options.nodeTimeoutMs);
  suspect(state, silent, turn);
}

function pingSomebody(state: ClusterState, turn: Turn): void {
  const nodes = state.table.all();
  let chosen: Node | null = null;
  for (let i = 0; i < RANDOM_PING_SAMPLE; i++) {
    const node = nodes[Math.floor(state.random() * nodes.length)]!;
    if (node === state.me || node.inHandshake || node.link === null || node.pingSentAt !== NEVER) continue;
    if (chosen === null || node.pongReceivedAt < chosen.pongReceivedAt) chosen = node;
  }
  if (chosen === null) return;
  turn.log('debug', `Pinging node ${chosen.id}`);
  ping(state, chosen, turn);
}

/**
 * We know a node that an operator told us to meet, but it does not call us: it gave up its side of the handshake, or
 * has never heard our MEET. Another one brings it in. Once it has called us for so long that its side must be complete,
 * the order is carried out: whoever forgets us later wants it so.
 */
function meetAgain(state: ClusterState, node: Node, handshakeLimitMs: number, turn: Turn): void {
  const isUp = node.link !== null && state.links.get(node.link)?.up === true;
  const answers = isUp && turn.now - node.heardAt <= state.options.nodeTimeoutMs / 2;
  if (node.inboundLink !== null && turn.now - node.inboundCreatedAt > handshakeLimitMs * 2) node.metByOrder = false;
  if (node.inboundLink !== null || !answers) node.uncalledAt = NEVER;
  else if (node.uncalledAt === NEVER) node.uncalledAt = turn.now;
  if (node.uncalledAt === NEVER || turn.now - node.uncalledAt <= handshakeLimitMs) return;
  node.uncalledAt = turn.now;
  turn.log('notice', `Sending MEET packet to node ${node.id} because there is no inbound link for it`);
  meet(state, node, turn);
}

function watch(state: ClusterState, node: Node, turn: Turn): void {
  const { nodeTimeoutMs } = state.options;
  if (linkLooksDead(node, nodeTimeoutMs, turn.now)) closeLink(state, node.link, turn);
  if (node.pingSentAt === NEVER && turn.now - node.pongReceivedAt > nodeTimeoutMs / 2) return ping(state, node, turn);
  if (state.manualFailover?.by === node.id && state.manualFailover.paused) ping(state, node, turn);
}

/** Not reopened twice within a node timeout: a node that is really gone is for `suspect`. */
function linkLooksDead(node: Node, nodeTimeoutMs: number, now: number): boolean {
  const isOld = node.link !== null && now - node.linkCreatedAt > nodeTimeoutMs;
  return isOld && silenceOf(node, now) > nodeTimeoutMs / 2;
}
