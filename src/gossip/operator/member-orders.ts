/**
 * Orders about members: who is in, who follows whom, which epoch we start with, and starting all over.
 *
 * FORGET is local: a node is gone when all have forgotten it within a minute, before gossip brings it back.
 */

import { type ClusterState, randomId } from '../cluster-state.js';
import { bumpEpochAlone } from '../epochs.js';
import { pursueElection, replacePrimary } from '../failover/candidate.js';
import { beginManualFailover, endManualFailover } from '../failover/manual-failover.js';
import { forgetNode, startHandshake } from '../members/handshake.js';
import { becomeReplicaOf } from '../members/roles.js';
import type { Turn } from '../turn.js';
import { normalIp } from './ip-address.js';
import { ACCEPTED, type Order, type OrderAnswer, refuse } from './order.js';

type OrderNamed<N extends Order['name']> = Extract<Order, { name: N }>;

/** Gossip may not bring a forgotten node back for this long: time to have it forgotten by all others, too. */
const FORGOTTEN_FOR_MS = 60_000;

export function meet(state: ClusterState, { ip, port, busPort, given }: OrderNamed<'MEET'>, turn: Turn): OrderAnswer {
  const normal = normalIp(ip);
  if (normal === null || !isPort(port) || !isPort(busPort)) return refuse({ why: 'bad-address', ...given });
  startHandshake(state, { ip: normal, port, busPort, plainPort: 0 }, turn);
  return ACCEPTED;
}

export function forget(state: ClusterState, nodeId: string, turn: Turn): OrderAnswer {
  const node = state.table.get(nodeId);
  if (!node) return refuse({ why: 'node-unknown', nodeId });
  if (node === state.me) return refuse({ why: 'forget-myself' });
  if (state.me.role === 'replica' && state.me.primaryId === nodeId) return refuse({ why: 'forget-my-primary' });
  state.forgotten.set(nodeId, turn.now + FORGOTTEN_FOR_MS);
  forgetNode(state, node, turn);
  turn.save('a node was forgotten');
  return ACCEPTED;
}

export function replicate(state: ClusterState, nodeId: string, holdsKeys: boolean, turn: Turn): OrderAnswer {
  const { me } = state;
  const primary = state.table.get(nodeId);
  if (!primary) return refuse({ why: 'node-unknown', nodeId });
  if (primary === me) return refuse({ why: 'replicate-myself' });
  if (primary.role === 'replica') return refuse({ why: 'replicate-a-replica' });
  const occupied = state.slotCount(me) > 0 || (me.role === 'primary' && holdsKeys);
  if (occupied) return refuse({ why: 'replicate-with-data' });
  becomeReplicaOf(state, primary, 'none', turn);
  return ACCEPTED;
}

/** Only for a node that has met nobody yet: so that a new cluster starts without collisions. */
export function setConfigEpoch(state: ClusterState, epoch: number, turn: Turn): OrderAnswer {
  if (epoch < 0) return refuse({ why: 'epoch-negative', epoch });
  if (state.table.size > 1) return refuse({ why: 'epoch-among-others' });
  if (state.me.configEpoch !== 0) return refuse({ why: 'epoch-already-set' });
  state.me.configEpoch = epoch;
  state.currentEpoch = Math.max(state.currentEpoch, epoch);
  state.healthIsStale = true;
  turn.log('warning', `configEpoch set to ${epoch} via CLUSTER SET-CONFIG-EPOCH`);
  turn.saveDurably('my config epoch was set');
  return ACCEPTED;
}

export function bumpEpoch(state: ClusterState, turn: Turn): OrderAnswer {
  const bumped = bumpEpochAlone(state, turn);
  return { ok: true, text: `${bumped ? 'BUMPED' : 'STILL'} ${state.me.configEpoch}` };
}

/** Everything is forgotten; a hard reset makes a new node of us, with a new name and no epochs. */
export function reset(state: ClusterState, hard: boolean, holdsKeys: boolean, turn: Turn): OrderAnswer {
  const { me } = state;
  if (me.role === 'primary' && holdsKeys) return refuse({ why: 'reset-with-keys' });
  endManualFailover(state, turn);
  if (me.role === 'replica') {
    state.table.setPrimaryOf(me, null);
    state.following = null;
    turn.emit({ kind: 'RoleChanged', role: 'primary' });
    turn.emit({ kind: 'KeysOutdated' });
  }
  state.election = null;
  state.rescue = null;
  state.stall = null;
  state.data = 'synced'; // what we have is our own now: nothing
  state.moves.closeAll();
  state.takeSlots(me);
  for (const node of state.table.others()) forgetNode(state, node, turn);
  if (hard) becomeNobody(state, turn);
  state.healthIsStale = true;
  turn.saveDurably('this node was reset');
  return ACCEPTED;
}

function becomeNobody(state: ClusterState, turn: Turn): void {
  state.currentEpoch = 0;
  state.lastVoteEpoch = 0;
  state.me.configEpoch = 0;
  turn.log('warning', 'configEpoch set to 0 via CLUSTER RESET HARD');
  const id = randomId(state.random);
  state.slots.rename(state.me.id, id);
  state.table.rename(state.me, id);
  turn.log('notice', `Node hard reset, now I'm ${id}`);
}

export function failover(state: ClusterState, how: OrderNamed<'FAILOVER'>['how'], turn: Turn): OrderAnswer {
  const { me } = state;
  if (me.role === 'primary') return refuse({ why: 'failover-on-primary' });
  const primary = state.table.primaryOf(me);
  if (primary === null) return refuse({ why: 'failover-primary-unknown' });
  const unreachable = primary.health === 'failed' || primary.link === null;
  if (how === 'agreed' && unreachable) return refuse({ why: 'failover-primary-down' });
  if (how === 'takeover') {
    turn.log('warning', 'Taking over the master (user request).');
    bumpEpochAlone(state, turn);
    replacePrimary(state, turn);
    return ACCEPTED;
  }
  beginManualFailover(state, how, primary, turn);
  pursueElection(state, turn);
  return ACCEPTED;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65535;
}
