/**
 * The nodes as members: who is held for failed, who does not know whom, and whether enough are left to decide. What
 * each says is compared with what the one in question says of itself.
 */
import { PRIMARIES_FOR_FAILOVER, SLOT_COUNT } from '../plan.js';
import { describeDispute, type Difference, type Dispute } from '../topology.js';
import { field, isLoopback, placeOf } from './patient.js';
import {
  type Finding,
  forEach,
  hint,
  isClustered,
  linesAbout,
  primariesOf,
  type Rule,
  shownAt,
  some,
  type Ward,
  wrong,
} from './finding.js';

/** Held for failed by others, whether it answers here or not. */
export const failedNodes: Rule = (ward) => {
  const findings: Finding[] = [];
  const known = new Map([...ward.topology.members, ...ward.topology.strangers.map((line) => [line.id, line] as const)]);
  for (const line of known.values()) {
    const seen = linesAbout(line.id, ward);
    const failed = seen.filter(({ flags }) => flags.includes('fail')).length;
    const suspected = seen.filter(({ flags }) => flags.includes('fail?')).length;
    if (failed + suspected === 0) continue;
    const belief = failed > 0 ? 'is held for failed' : 'is suspected to have failed';
    const what = `${belief} by ${failed || suspected} of ${ward.open.length}`;
    const place = shownAt(line, ward);
    findings.push({ ...wrong(...remedyOf(what, answersAt(place, ward), line.busPort)), at: [place] });
  }
  return findings;
};

/** With a refusal, perhaps. */
function answersAt(place: string, { patients }: Ward): boolean {
  return patients.some(({ address, access }) => placeOf(address) === place && access.kind !== 'unreachable');
}

function remedyOf(what: string, answers: boolean, busPort: number): readonly [string, string] {
  if (answers)
    return [
      `${what}, though it answers here`,
      `make sure that the others reach its bus port ${busPort}, and it theirs`,
    ];
  return [
    `does not answer, and ${what}`,
    'start it again; if it is gone for good: redis-cli --cluster del-node <any> <its id>',
  ];
}

export const withoutAddress: Rule = ({ open }) => {
  const lines = open.flatMap(({ view }) => [...(view?.lines.values() ?? [])]);
  const lost = new Set(lines.filter(({ flags }) => flags.includes('noaddr')).map(({ id }) => id));
  return [...lost].map((id) => ({
    ...wrong(
      `node ${id.slice(0, 8)} is known without an address, so nobody looks for it`,
      `start it and CLUSTER MEET it; if it is gone for good: CLUSTER FORGET ${id} on all nodes within a minute`,
    ),
    at: [],
  }));
};

/** Met, and nobody there has answered on the bus so far. */
export const handshakes: Rule = forEach(({ view }, ward) => {
  const met = [...(view?.lines.values() ?? [])].filter(({ flags }) => flags.includes('handshake'));
  if (met.length === 0) return null;
  const places = some(met.map((line) => `${shownAt(line, ward)} (bus ${line.busPort})`));
  return wrong(
    `waits for a first answer of ${places}`,
    'make sure that a cluster node listens there, and that its bus port is open; attempts end after the node timeout',
  );
});

// biome-ignore format: a table
const DISPUTE_REMEDIES: Partial<Record<Difference, string>> = {
  unknown:  'CLUSTER MEET one from the other; if it was forgotten on purpose: CLUSTER FORGET on all nodes within a minute',
  unlinked: 'make sure that the bus port of the other is reachable from there (client port + 10000, or cluster-port)',
  role:     'gossip should tell it in seconds; if it stays, look at the links (CLUSTER LINKS) between the two',
  slots:    'gossip should tell it in seconds; if it stays: redis-cli --cluster fix <any>',
};

/** Views that differ otherwise than by failures and handshakes, which have findings of their own. */
export const viewsThatDiffer: Rule = (ward) =>
  ward.topology.disputes.flatMap((dispute) => {
    const remedy = DISPUTE_REMEDIES[dispute.what];
    return remedy === undefined ? [] : [{ ...wrong(wordsOf(dispute), remedy), at: [placeOf(dispute.viewer)] }];
  });

/** Without the viewer's port, which stands in front. */
function wordsOf(dispute: Dispute): string {
  return describeDispute(dispute).replace(/^\d+ /, '').replace(/\d+$/, placeOf(dispute.about));
}

/** The epoch decides who owns a slot; a view that has another one will decide otherwise. */
export const epochsThatDiffer: Rule = (ward) => {
  const findings = primariesOf(ward).flatMap((self): Finding[] => {
    const others = linesAbout(self.id, ward).filter(({ configEpoch }) => configEpoch !== self.configEpoch);
    if (others.length === 0) return [];
    const seen = `for ${others.length} of the others it is ${others[0]?.configEpoch}`;
    const what = `has config epoch ${self.configEpoch}, and ${seen}`;
    return [
      {
        ...wrong(what, 'gossip should tell it in seconds; if it stays, look at CLUSTER LINKS'),
        at: [shownAt(self, ward)],
      },
    ];
  });
  const serving = primariesOf(ward).filter(({ slots }) => slots.length > 0);
  for (const epoch of new Set(serving.map(({ configEpoch }) => configEpoch))) {
    const same = serving.filter(({ configEpoch }) => configEpoch === epoch);
    if (same.length < 2) continue;
    const what = `have the same config epoch ${epoch}, so a slot that both claim has no clear owner`;
    findings.push({ ...wrong(what, 'CLUSTER BUMPEPOCH at one of them'), at: same.map((line) => shownAt(line, ward)) });
  }
  return findings;
};

/** Some are no cluster nodes, or a node is one all by itself. */
export const notOfTheCluster: Rule = (ward) => {
  const clustered = ward.open.filter(isClustered);
  if (clustered.length === 0) return [];
  return forEach((patient) => {
    if (!isClustered(patient))
      return wrong('is no cluster node', 'cluster-enabled yes in its redis.conf, and start it again');
    if (patient.view?.lines.size !== 1) return null;
    const slots = field(patient.cluster, 'cluster_slots_assigned');
    return slots === '0' || slots === ''
      ? wrong(
          'is a cluster node that knows no other and serves nothing',
          'redis-cli --cluster create … makes a cluster of such nodes; CLUSTER MEET joins one to another',
        )
      : hint(
          'is a cluster of one node: nothing takes over when it fails',
          'redis-cli --cluster add-node brings others in',
        );
  })(ward);
};

export const enoughToDecide: Rule = (ward) => {
  const serving = primariesOf(ward).filter(({ slots }) => slots.length > 0);
  const size = ward.topology.members.size;
  if (size < 2 || serving.length === 0) return [];
  if (serving.length < PRIMARIES_FOR_FAILOVER && ward.topology.strangers.length === 0) {
    const what = `${serving.length} primaries with slots: when one fails, no majority is left to replace it`;
    return [{ ...hint(what, 'have three or more'), at: [] }];
  }
  const hosts = groupSizes(serving.map(({ host }) => host));
  for (const [host, here] of hosts) {
    if (hosts.size === 1 || isLoopback(host) || here * 2 <= serving.length) continue;
    const what = `${here} of ${serving.length} primaries are on ${host}: when it goes, no majority is left`;
    return [{ ...hint(what, 'CLUSTER FAILOVER at a replica of another machine'), at: [] }];
  }
  return [];
};

function groupSizes(names: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  return sizes;
}

/** Says that it is down although others serve all slots: it is on the small side of a split, or has just come. */
export const stateFail: Rule = forEach((patient, ward) => {
  if (field(patient.cluster, 'cluster_state') !== 'fail') return null;
  const served = ward.topology.slotsCovered;
  const owned = Number(field(patient.cluster, 'cluster_slots_assigned'));
  if (served < SLOT_COUNT || owned < SLOT_COUNT) return null; // told with the slots that are missing
  return wrong(
    'says cluster_state:fail, though all slots have an owner: it does not reach the majority of the primaries',
    'look at the failed and unlinked nodes above; CLUSTER EXPLAIN tells more (a sextet node has it)',
  );
});
