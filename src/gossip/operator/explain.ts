/**
 * Why things are as they are, as this node sees them: the answer of CLUSTER EXPLAIN, as data.
 *
 *   the same verdict ──▶ decides ──▶ is logged in Redis' words ──▶ and is told here, with its numbers
 *
 * Nothing is decided here, and nothing is remembered for this alone: what is asked for is judged once more. A refused
 * vote is never sent over the bus, so a candidate knows who is silent, and each voter knows why: ask there.
 */

import type { ClusterState, VoteRecord } from '../cluster-state.js';
import { describeNotPromoted, type Judgement, judgeCandidacy } from '../election.js';
import { candidacy } from '../failover/candidate.js';
import { describeNotMigrating, judgeMigration, migration } from '../failover/replica-migration.js';
import { describeRescue } from '../failover/rescue.js';
import { describeNotServing } from '../members/coverage.js';
import { silenceOf } from '../members/failure.js';
import type { Millis, Node, NodeId } from '../node-table.js';
import { NEVER } from '../node-table.js';
import { describeRefusal } from '../vote.js';

/** What an explanation is made of. A map keeps the order of its fields. */
export type Told = string | number | null | readonly Told[] | Map<string, Told>;

export type ExplainSubject = { kind: 'cluster' } | { kind: 'node'; id: NodeId } | { kind: 'slot'; slot: number };

/** null where the node is not known. */
export function explainSubject(state: ClusterState, subject: ExplainSubject, now: Millis): Told {
  switch (subject.kind) {
    case 'cluster':
      return explainCluster(state, now);
    case 'slot':
      return explainSlot(state, subject.slot);
    case 'node': {
      const node = state.table.get(subject.id);
      return node && explainNode(state, node, now);
    }
  }
}

// ── the cluster, and our part in it ─────────────────────────────────────────
function explainCluster(state: ClusterState, now: Millis): Told {
  const { health, me } = state;
  const ailing = state.table.members().filter((node) => node.health !== 'ok');
  return new Map<string, Told>([
    ['node', me.id],
    ['role', me.role],
    ['state', health.state],
    ['reason', health.state === 'ok' ? 'served' : health.why],
    ['words', health.state === 'ok' ? 'every check is passed' : describeNotServing(health)],
    ['epoch', state.currentEpoch],
    ['ailing', ailing.map((node) => brieflyAilment(state, node, now))],
    ['failover', explainFailover(state, now)],
    ['migration', explainMigration(state, now)],
    ['votes', [...state.verdicts].map(([id, record]) => explainVote(id, record, now))],
  ]);
}

function brieflyAilment(state: ClusterState, node: Node, now: Millis): Told {
  const { why, words } = ailmentOf(state, node, now);
  return new Map<string, Told>([
    ['node', node.id],
    ['health', node.health],
    ['reason', why],
    ['words', words],
  ]);
}

/** Our own candidacy. null at a primary. */
function explainFailover(state: ClusterState, now: Millis): Told {
  if (state.me.role !== 'replica') return null;
  const facts = candidacy(state, now);
  const judgement = judgeCandidacy(facts, now);
  const { epoch, votes } = state.election ?? { epoch: null, votes: new Set<NodeId>() };
  return new Map<string, Told>([
    ['primary', state.me.primaryId],
    ['next', judgement.next],
    ['reason', judgement.next === 'wait' ? judgement.because.why : judgement.next],
    ['words', wordsOf(state, judgement)],
    ['data', state.data],
    ['offset', state.me.replOffset],
    ['data-age-ms', Number.isFinite(facts.dataAgeMs) ? facts.dataAgeMs : null],
    ['rank', facts.rank],
    ['election-epoch', epoch],
    ['quorum', facts.quorum],
    ['granted-by', [...votes]],
    ['silent', epoch === null ? [] : silentVoters(state, epoch, votes)],
  ]);
}

function wordsOf(state: ClusterState, judgement: Judgement): string {
  const rescue = state.rescue === null ? '' : `${describeRescue(state.rescue)}; `;
  return rescue + (judgement.next === 'wait' ? describeNotPromoted(judgement.because) : `next: ${judgement.next}`);
}

/** Voters that have not answered our request, with what is known of the reason. */
function silentVoters(state: ClusterState, epoch: number, votes: ReadonlySet<NodeId>): Told[] {
  return state
    .voters()
    .filter((voter) => !votes.has(voter.id))
    .map((voter) => {
      const [why, words] = reasonOfSilence(voter, epoch);
      return new Map<string, Told>([
        ['node', voter.id],
        ['reason', why],
        ['words', words],
      ]);
    });
}

function reasonOfSilence(voter: Node, epoch: number): [why: string, words: string] {
  if (voter.health === 'failed') return ['voter-failed', 'it has failed'];
  if (voter.health === 'suspected') return ['voter-suspected', 'it does not answer pings either'];
  if (voter.heardEpoch > epoch) return ['voter-moved-on', `it is in epoch ${voter.heardEpoch} already`];
  return ['no-answer', 'it has refused, or its answer is on the way: CLUSTER EXPLAIN there tells'];
}

function explainMigration(state: ClusterState, now: Millis): Told {
  if (state.me.role !== 'replica') return null;
  const verdict = judgeMigration(migration(state, now));
  return new Map<string, Told>([
    ['reason', verdict.go ? 'go' : verdict.because.why],
    ['words', verdict.go ? `I go to ${verdict.to}` : describeNotMigrating(verdict.because)],
  ]);
}

function explainVote(candidate: NodeId, { verdict, epoch, at }: VoteRecord, now: Millis): Told {
  return new Map<string, Told>([
    ['candidate', candidate],
    ['epoch', epoch],
    ['ms-ago', now - at],
    ['verdict', verdict.granted ? 'granted' : 'refused'],
    ['reason', verdict.granted ? 'granted' : verdict.refusal.why],
    ['words', verdict.granted ? 'it has my vote' : describeRefusal(verdict.refusal)],
  ]);
}

// ── a node ──────────────────────────────────────────────────────────────────
function explainNode(state: ClusterState, node: Node, now: Millis): Told {
  const { why, words } = ailmentOf(state, node, now);
  const record = state.verdicts.get(node.id);
  const reports = [...node.failReports].map(
    ([reporter, at]) =>
      new Map<string, Told>([
        ['node', reporter],
        ['ms-ago', now - at],
      ]),
  );
  return new Map<string, Told>([
    ['node', node.id],
    ['role', node.role],
    ['primary', node.primaryId],
    ['health', node.health],
    ['reason', why],
    ['words', words],
    ['silent-ms', node === state.me ? 0 : silenceOf(node, now)],
    ['reports', reports],
    ['reports-needed', state.quorum()],
    ['config-epoch', (state.table.primaryOf(node) ?? node).configEpoch],
    ['slots', state.slotCount(node)],
    ['replicas', state.table.replicasOf(node).map((replica) => explainReplica(state, replica, now))],
    ['failover', node === state.me ? explainFailover(state, now) : null],
    ['vote', record ? explainVote(node.id, record, now) : null],
  ]);
}

/** What is known from here of a candidate for a primary's place. */
function explainReplica(state: ClusterState, replica: Node, now: Millis): Told {
  const fellows = state.table.all().filter((node) => node !== replica && node.primaryId === replica.primaryId);
  const rank = fellows.filter((node) => !node.noFailover && node.replOffset > replica.replOffset).length;
  const [why, words] = hindranceOf(state, replica, rank, now);
  return new Map<string, Told>([
    ['node', replica.id],
    ['health', replica.health],
    ['offset', replica.replOffset],
    ['rank', rank],
    ['reason', why],
    ['words', words],
  ]);
}

function hindranceOf(state: ClusterState, replica: Node, rank: number, now: Millis): [why: string, words: string] {
  if (replica === state.me) {
    const judgement = judgeCandidacy(candidacy(state, now), now);
    return [judgement.next === 'wait' ? judgement.because.why : judgement.next, wordsOf(state, judgement)];
  }
  if (replica.health !== 'ok') return ['replica-unreachable', `it is ${replica.health} itself`];
  if (replica.noFailover) return ['failover-switched-off', 'cluster-replica-no-failover is set there'];
  if (state.table.primaryOf(replica)?.health !== 'failed') return ['primary-is-up', 'its primary is not marked FAIL'];
  if (replica.replOffset === 0) return ['never-synced', 'it tells of no data'];
  if (rank > 0) return ['fellow-has-data', `${rank} fellow replicas have more data`];
  return ['candidate', 'nothing is known from here that would keep it: CLUSTER EXPLAIN there tells more'];
}

/** Why a node is well, suspected or failed. */
function ailmentOf(state: ClusterState, node: Node, now: Millis): { why: string; words: string } {
  if (node === state.me) return { why: 'myself', words: 'I am here' };
  if (node.inHandshake) return { why: 'handshake', words: 'it has not told its name yet' };
  if (node.noAddress) return { why: 'no-address', words: 'somebody else answered at its address' };
  const silentMs = silenceOf(node, now);
  const limitMs = state.options.nodeTimeoutMs;
  if (node.health === 'failed') return failedBecause(node, silentMs, now);
  if (node.health === 'suspected') {
    const agreeing = state.failReportCount(node, now) + (state.me.role === 'primary' ? 1 : 0);
    const words = `silent for ${silentMs} ms, the limit is ${limitMs} ms; ${agreeing} of ${state.quorum()} primaries agree`;
    return { why: 'silent', words };
  }
  if (silentMs > 0) return { why: 'ping-unanswered', words: `a ping is unanswered for ${silentMs} of ${limitMs} ms` };
  return { why: 'answers', words: 'it answers' };
}

function failedBecause({ failedAt, failedBy }: Node, silentMs: Millis, now: Millis): { why: string; words: string } {
  const since = failedAt === NEVER ? '' : `for ${now - failedAt} ms: `;
  const silence = silentMs > 0 ? `; silent for ${silentMs} ms` : '; it answers, and is not cleared yet';
  if (failedBy === null) return { why: 'quorum', words: `${since}a majority of primaries reported it${silence}` };
  return { why: 'told', words: `${since}${failedBy} said so${silence}` };
}

// ── a slot ──────────────────────────────────────────────────────────────────
function explainSlot(state: ClusterState, slot: number): Told {
  const owner = state.ownerOf(slot);
  const [why, words] = serviceOf(state, slot, owner);
  return new Map<string, Told>([
    ['slot', slot],
    ['owner', owner?.id ?? null],
    ['reason', why],
    ['words', words],
    ['config-epoch', owner?.configEpoch ?? null],
    ['migrating-to', state.moves.migratingTo(slot)],
    ['importing-from', state.moves.importingFrom(slot)],
  ]);
}

function serviceOf(state: ClusterState, slot: number, owner: Node | null): [why: string, words: string] {
  const { health } = state;
  if (owner === null) return ['slot-unbound', 'nobody owns it'];
  if (health.state === 'fail') return ['cluster-down', `the cluster is down here: ${describeNotServing(health)}`];
  const heir = owner.health === 'failed' ? state.heirOf(slot) : null;
  if (heir !== null)
    return ['owner-replaced', `${heir.id} serves it, its owner has failed; an operator ends the import`];
  if (owner.health === 'failed') return ['owner-failed', 'its owner has failed, and nobody has taken it yet'];
  if (state.abandoned.has(slot))
    return ['owner-gave-up', 'its owner does not claim it any more, nor does anybody else'];
  if (owner !== state.me) return ['moved', `${owner.id} serves it`];
  return state.moves.migratingTo(slot) === null
    ? ['served', 'I serve it']
    : ['migrating', 'I serve the keys that are here'];
}

// ── in a few sentences ──────────────────────────────────────────────────────
/** The short form: what holds this node up, and how it voted. Stories are told with it. */
export function explain(state: ClusterState, now: Millis): string[] {
  const judgement = judgeCandidacy(candidacy(state, now), now);
  const votes = [...state.verdicts].map(([id, { verdict }]) =>
    verdict.granted
      ? `Voted for ${id} in epoch ${verdict.epoch}.`
      : `Refused to vote for ${id}: ${describeRefusal(verdict.refusal)}.`,
  );
  const { health } = state;
  const facts = migration(state, now);
  const moving = judgeMigration(facts);
  const isOrphan = facts.isReplica && facts.orphan !== null;
  return [
    ...(health.state === 'fail' ? [`Not serving: ${describeNotServing(health)}.`] : []),
    ...(state.rescue ? [`Rescue: ${describeRescue(state.rescue)}.`] : []),
    ...(judgement.next === 'wait' ? [`Not promoted: ${describeNotPromoted(judgement.because)}.`] : []),
    ...(isOrphan && !moving.go ? [`Not migrating: ${describeNotMigrating(moving.because)}.`] : []),
    ...votes,
  ];
}
