/**
 * Who cannot be talked to, and whose passwords do not fit together. Passwords are the trap of tutorials: with a wrong
 * or a missing `masterauth` all slots are served and every node answers, until a primary fails and nobody takes over.
 */
import { field, isLoopback, type Patient, placeOf, selfOf } from './patient.js';
import {
  type Finding,
  followed,
  forEach,
  hint,
  isClustered,
  isFailing,
  type Rule,
  some,
  type Ward,
  wrong,
} from './finding.js';

const SET_PASSWORD = 'CONFIG SET requirepass and masterauth to the same password on all of them, then CONFIG REWRITE';
const UNPROTECT = 'CONFIG SET requirepass and masterauth on its machine, or protected-mode no behind a firewall';

// biome-ignore format: a table
const REFUSALS: readonly (readonly [start: string, what: string, remedy: string])[] = [
  ['NOAUTH',    'asks for a password',            'give it with --password or SEXTET_PASSWORD'],
  ['WRONGPASS', 'takes another password',         `give its own with --password; where nodes differ: ${SET_PASSWORD}`],
  ['DENIED',    'is in protected mode: no other machine may talk to it, other nodes neither', UNPROTECT],
  ['NOPERM',    'does not let this user look',    'give the password of a user with +info +config|get +cluster'],
];

/** Nobody there, or a refusal. Of whom the others hold for failed as well, `members.ts` tells. */
export const whoDoesNotTalk: Rule = ({ patients, topology }) =>
  patients.flatMap(({ address, access }): Finding[] => {
    const at = [placeOf(address)];
    if (access.kind === 'open') return [];
    if (access.kind === 'unreachable') {
      if (topology.strangers.some((line) => placeOf(line) === at[0] && isFailing(line))) return [];
      const remedy = 'start it, or look whether a firewall or an address of a container is in between';
      return [{ ...wrong(`does not answer (${access.reason})`, remedy), at }];
    }
    const row = REFUSALS.find(([start]) => access.text.startsWith(start));
    const [, what, remedy] = row ?? ['', `refuses to talk: ${access.text}`, 'its log may tell why'];
    return [{ ...wrong(what, remedy), at }];
  });

export const busPort: Rule = forEach((patient) => {
  if (patient.busAnswers !== false) return null;
  const port = selfOf(patient)?.busPort;
  return wrong(
    `its bus port ${port} cannot be reached from here`,
    `open ${port}, too, in firewalls and container mappings: without it nodes never join, or are held for failed`,
  );
});

/** A trap of tutorials: all looks well until the first failover. */
export const passwordWithoutMasterauth: Rule = forEach((patient, ward) => {
  const { settings, info } = patient;
  const isCopied = Number(field(info, 'connected_slaves')) > 0 || field(info, 'role') === 'slave';
  if (field(settings, 'requirepass') === '' || field(settings, 'masterauth') !== '') return null;
  if (!isClustered(patient) && !isCopied && ward.patients.length === 1) return null;
  return wrong(
    'has requirepass but no masterauth: as a replica it can copy nothing, and no failover will work',
    'CONFIG SET masterauth <the same password>, then CONFIG REWRITE',
  );
});

/** The password that a replica will need is that of whoever may become its primary: in a cluster, of anybody. */
export const passwordsThatDiffer: Rule = (ward) => {
  const asked = ward.open.filter(({ settings }) => settings.has('requirepass'));
  const findings: Finding[] = [];
  for (const patient of asked) {
    const given = field(patient.settings, 'masterauth');
    const place = followed(patient);
    const others = asked.filter((other) => other !== patient && mayLead(other, patient, place));
    const locked = others.filter(({ settings }) => ![given, ''].includes(field(settings, 'requirepass')));
    if (given === '' || locked.length === 0) continue;
    const where = some(locked.map(({ address }) => placeOf(address)));
    const what = `its masterauth is not the requirepass of ${where}`;
    findings.push({ ...wrong(what, SET_PASSWORD), at: [placeOf(patient.address)] });
  }
  return findings;
};

function mayLead(other: Patient, patient: Patient, place: ReturnType<typeof followed>): boolean {
  if (isClustered(patient)) return isClustered(other);
  return place !== null && placeOf(place) === placeOf(other.address);
}

/** One door that stands open, where the others are locked. */
export const whoIsUnlocked: Rule = ({ open }) => {
  const unlocked = open.filter(({ isUnlocked }) => isUnlocked);
  if (unlocked.length === 0) return [];
  const at = unlocked.map(({ address }) => placeOf(address));
  const all = unlocked.length === open.length;
  const remedy = all ? 'leave --password away' : SET_PASSWORD;
  const what = all ? 'asks for no password, and one was given' : 'asks for no password, while the others do';
  return [{ ...(all ? hint(what, remedy) : wrong(what, remedy)), at }];
};

/** Clients elsewhere are sent to themselves. */
export const announcedAsLoopback: Rule = (ward) => {
  const isRemote = ward.open.some((patient) => !isLoopback(patient.address.host)) || hasRemote(ward);
  if (!isRemote) return [];
  return forEach((patient) => {
    const self = selfOf(patient);
    if (self === null || !isLoopback(self.host)) return null;
    return wrong(
      `tells others that it is ${self.host}: clients and nodes of other machines are sent to themselves`,
      'CONFIG SET cluster-announce-ip <an address that all reach>, then CONFIG REWRITE; or CLUSTER MEET it by that one',
    );
  })(ward);
};

function hasRemote({ topology }: Ward): boolean {
  const hosts = [...topology.members.values(), ...topology.strangers].map(({ host }) => host);
  return hosts.some((host) => host !== '' && !isLoopback(host));
}
