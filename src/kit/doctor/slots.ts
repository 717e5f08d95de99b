/**
 * Slots: whether each has an owner that serves it, one only, and none is left on its way. A primary's own word counts;
 * of one that does not answer, what the others know.
 */
import { formatRanges, rangesOf, slotsIn } from '../plan.js';
import { uncoveredSlots } from '../topology.js';
import { field, placeOf, selfOf } from './patient.js';
import {
  type Finding,
  forEach,
  isClustered,
  isFailing,
  primariesOf,
  type Rule,
  shownAt,
  type Ward,
  wrong,
} from './finding.js';

/** Slots whose owner has failed, and such that nobody owns at all. */
export const withoutOwner: Rule = (ward) => {
  const { topology, open } = ward;
  if (!open.some(isClustered) || topology.slotsCovered === 0) return [];
  const missing = new Set(slotsIn(uncoveredSlots(topology)));
  const effect = effectOf(ward);
  const findings: Finding[] = [];
  for (const line of topology.strangers.filter(({ role }) => role === 'primary')) {
    const lost = slotsIn(line.slots).filter((slot) => missing.delete(slot));
    if (lost.length === 0 || !isFailing(line)) continue;
    const what = `has failed with slots ${formatRanges(rangesOf(lost))}, and no replica has taken over${effect}`;
    const remedy =
      'start it again; if its data are lost: CLUSTER FAILOVER TAKEOVER at its replica, else redis-cli --cluster fix <any>';
    findings.push({ ...wrong(what, remedy), at: [shownAt(line, ward)] });
  }
  if (missing.size > 0) {
    const what = `slots ${formatRanges(rangesOf(missing))} have no owner${effect}`;
    findings.push({ ...wrong(what, 'redis-cli --cluster fix <any>, or CLUSTER ADDSLOTSRANGE at a primary'), at: [] });
  }
  return findings;
};

function effectOf({ open }: Ward): string {
  const strict = open.filter(({ settings }) => field(settings, 'cluster-require-full-coverage') !== 'no');
  return strict.length > 0
    ? '; meanwhile all slots are refused (cluster-require-full-coverage yes: CONFIG SET it to no to serve the others)'
    : '; the others are served';
}

export const twoOwners: Rule = (ward) => {
  const primaries = primariesOf(ward);
  const findings: Finding[] = [];
  for (const [i, one] of primaries.entries()) {
    const own = new Set(slotsIn(one.slots));
    for (const other of primaries.slice(i + 1)) {
      const both = slotsIn(other.slots).filter((slot) => own.has(slot));
      if (both.length === 0) continue;
      const at = [one, other].map((line) => shownAt(line, ward));
      const epochs = `${one.configEpoch} and ${other.configEpoch}`;
      const remedy = `the higher config epoch (${epochs}) wins when they hear each other; else redis-cli --cluster fix <any>`;
      findings.push({ ...wrong(`both claim slots ${formatRanges(rangesOf(both))}`, remedy), at });
    }
  }
  return findings;
};

/** A reshard that was broken off: clients get ASK and TRYAGAIN until somebody ends it. */
export const openSlots: Rule = forEach((patient, ward) => {
  const moves = selfOf(patient)?.moves ?? [];
  if (moves.length === 0) return null;
  const parts = (['to', 'from'] as const).flatMap((way) => {
    const slots = moves.filter((move) => move.way === way).map(({ slot }) => slot);
    if (slots.length === 0) return [];
    return [`${formatRanges(rangesOf(slots))} ${way === 'to' ? 'migrating' : 'importing'}`];
  });
  const place = placeOf(ward.open[0]?.address ?? patient.address);
  return wrong(`has open slots: ${parts.join(', ')}`, `if no reshard is running: redis-cli --cluster fix ${place}`);
});

/** A primary that serves nothing: harmless, and mostly not meant. */
export const servesNothing: Rule = (ward) => {
  const empty = primariesOf(ward).filter(({ slots }) => slots.length === 0);
  if (ward.topology.slotsCovered === 0 || empty.length === 0) return [];
  const remedy = 'redis-cli --cluster rebalance <any> --cluster-use-empty-masters, or CLUSTER REPLICATE a primary';
  return [{ rank: 'hint', what: 'is a primary without slots', remedy, at: empty.map((line) => shownAt(line, ward)) }];
};
