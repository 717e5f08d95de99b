/**
 * All that the doctor knows to look for, as a table: what stands in the way of talking first, then what makes a
 * cluster, then each server by itself. The same finding at several servers is one finding.
 */
import { mergeViews } from '../topology.js';
import {
  announcedAsLoopback,
  busPort,
  passwordsThatDiffer,
  passwordWithoutMasterauth,
  whoDoesNotTalk,
  whoIsUnlocked,
} from './access.js';
import { clocks, directives, versions } from './alike.js';
import { farBehind, keepsNothing, lateAcks, linkDown, sameHost, tooFewForWrites, withoutReplica } from './copies.js';
import type { Finding, Rule, Ward } from './finding.js';
import {
  enoughToDecide,
  epochsThatDiffer,
  failedNodes,
  handshakes,
  notOfTheCluster,
  stateFail,
  viewsThatDiffer,
  withoutAddress,
} from './members.js';
import type { Patient } from './patient.js';
import { openSlots, servesNothing, twoOwners, withoutOwner } from './slots.js';
import { failedAppend, failedSave, fullOfClients, loading, memory } from './upkeep.js';

// biome-ignore format: a table
const RULES: readonly Rule[] = [
  whoDoesNotTalk, whoIsUnlocked, passwordWithoutMasterauth, passwordsThatDiffer, announcedAsLoopback,
  withoutOwner, twoOwners, openSlots, failedNodes, withoutAddress, handshakes, notOfTheCluster, viewsThatDiffer,
  epochsThatDiffer, stateFail, busPort,
  linkDown, farBehind, lateAcks, tooFewForWrites, withoutReplica, sameHost,
  failedSave, failedAppend, memory, loading, fullOfClients,
  clocks, versions, directives, enoughToDecide, servesNothing, keepsNothing,
];

/** What is wrong first, then the hints. */
export function diagnose(patients: readonly Patient[]): Finding[] {
  const ward = wardOf(patients);
  const findings = inOne(RULES.flatMap((rule) => rule(ward)));
  return [...findings.filter(({ rank }) => rank === 'wrong'), ...findings.filter(({ rank }) => rank === 'hint')];
}

function wardOf(patients: readonly Patient[]): Ward {
  const open = patients.filter(({ access }) => access.kind === 'open');
  return { patients, open, topology: mergeViews(open.flatMap(({ view }) => (view ? [view] : []))) };
}

function inOne(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rank} ${finding.what} ${finding.remedy}`;
    const before = merged.get(key);
    merged.set(key, before ? { ...before, at: [...new Set([...before.at, ...finding.at])] } : finding);
  }
  return [...merged.values()];
}
