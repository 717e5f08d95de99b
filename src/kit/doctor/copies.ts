/**
 * Replicas: who has none, who cannot copy, who is far behind, and who would go down together with his primary. It is
 * what nobody notices before the first failure.
 */
import { count, field, isLoopback, type Patient, placeOf, replicasOf, selfOf } from './patient.js';
import { followed, forEach, hint, mib, primariesOf, primaryOf, type Rule, shownAt, wrong } from './finding.js';

/** A replica says each second how far it is. */
const LATE_ACK_S = 10;
/** Less than this is a matter of a moment, whatever the primary keeps. */
const FAR_BYTES = 1024 * 1024;
const SET_MASTERAUTH =
  'its masterauth is wrong: CONFIG SET masterauth <the requirepass of its primary>, then CONFIG REWRITE';

// biome-ignore format: a table
const LINK_REMEDIES: readonly (readonly [part: string, remedy: string])[] = [
  ['NOAUTH',       'CONFIG SET masterauth <the requirepass of its primary> there, then CONFIG REWRITE'],
  ['WRONGPASS',    SET_MASTERAUTH],
  ['invalid pass', SET_MASTERAUTH],
  ['NOPERM',       'the user of masteruser needs +psync +replconf +ping at its primary'],
  ['without any',  'its primary has no password: CONFIG SET masterauth "" there, or requirepass at the primary'],
];
const LOOK_AT_LINK = 'look whether its primary runs and can be reached from there; its log tells each attempt';

/** Ours say why (`master_link_error`); of Redis the passwords may tell, which are looked at elsewhere. */
export const linkDown: Rule = forEach((patient) => {
  const { info } = patient;
  const place = followed(patient);
  if (place === null || field(info, 'master_link_status') !== 'down') return null;
  const primary = placeOf(place);
  if (field(info, 'master_sync_in_progress') === '1') {
    const percent = field(info, 'master_sync_perc');
    return hint(
      `copies all data of its primary ${primary}${percent ? ` (${percent} %)` : ''}`,
      'wait until it is done',
    );
  }
  const error = field(info, 'master_link_error');
  const since = count(info, 'master_link_down_since_seconds');
  const span = since > 0 ? `, for ${since} s` : '';
  const remedy = LINK_REMEDIES.find(([part]) => error.includes(part))?.[1] ?? LOOK_AT_LINK;
  return wrong(`cannot copy its primary ${primary}${span}${error ? `: ${error}` : ''}`, remedy);
});

/** Further behind than what the primary keeps: if the link breaks now, all is copied anew. */
export const farBehind: Rule = forEach((patient, ward) => {
  const primary = primaryOf(patient, ward);
  if (!primary || field(patient.info, 'master_link_status') !== 'up') return null;
  const behind = count(primary.info, 'master_repl_offset') - count(patient.info, 'slave_repl_offset');
  const kept = Math.max(count(primary.info, 'repl_backlog_size'), FAR_BYTES);
  if (behind <= kept) return null;
  return wrong(
    `is ${mib(behind)} behind its primary ${placeOf(primary.address)}, which keeps ${mib(kept)}: a broken link means a full sync`,
    'look at its CPU, its disk and the network; CONFIG SET repl-backlog-size at the primary gives it more room',
  );
});

export const lateAcks: Rule = forEach(({ info }) => {
  const late = replicasOf(info).filter((one) => field(one, 'state') === 'online' && count(one, 'lag') > LATE_ACK_S);
  if (late.length === 0) return null;
  const names = late.map((one) => `${field(one, 'ip')}:${field(one, 'port')} (${field(one, 'lag')} s)`);
  return wrong(
    `its replica ${names.join(', ')} has said nothing for long`,
    'look whether that replica hangs: a slow disk, swapping, a blocking command or script',
  );
});

export const tooFewForWrites: Rule = forEach(({ info, settings }) => {
  const needed = count(settings, 'min-replicas-to-write');
  const good = field(info, 'min_slaves_good_slaves');
  if (field(info, 'role') !== 'master' || needed === 0 || good === '' || Number(good) >= needed) return null;
  return wrong(
    `refuses writes (NOREPLICAS): ${good} of ${needed} replicas are up to date`,
    'bring the replicas back, or CONFIG SET min-replicas-to-write to what there is',
  );
});

/** Where nobody has replicas, somebody wanted it so. */
export const withoutReplica: Rule = (ward) => {
  const serving = primariesOf(ward).filter(({ slots }) => slots.length > 0);
  const all = [...ward.topology.members.values(), ...ward.topology.strangers];
  const healthy = all.filter(({ role, flags }) => role === 'replica' && !flags.includes('fail'));
  const bare = serving.filter(({ id }) => !healthy.some(({ primaryId }) => primaryId === id));
  if (bare.length === 0) return [];
  const at = bare.map((line) => shownAt(line, ward));
  const remedy = 'redis-cli --cluster add-node <new> <any> --cluster-slave --cluster-master-id <its id>';
  return healthy.length === 0
    ? [{ ...hint('no primary has a replica: what one of them serves is gone with it', remedy), at: [] }]
    : [{ ...wrong('has no replica: if it fails, nobody takes over its slots', remedy), at }];
};

/** On one machine alone there is no choice; as soon as there are two, there is. */
export const sameHost: Rule = (ward) => {
  const lines = [...ward.topology.members.values()];
  const hosts = new Set(lines.map(({ host }) => host).filter((host) => host !== ''));
  if (hosts.size === 1) {
    const [host = ''] = hosts;
    const isMeantSo = isLoopback(host) || lines.length === 1;
    const remedy = 'spread them over three machines or more, so that a majority is left when one goes';
    return isMeantSo ? [] : [{ ...hint(`all nodes are on ${host}, and go down with it`, remedy), at: [] }];
  }
  return forEach((patient) => {
    const self = selfOf(patient);
    const primary = lines.find(({ id }) => id === self?.primaryId);
    if (!self || !primary || primary.host !== self.host) return null;
    if (lines.some(({ host, primaryId }) => primaryId === primary.id && host !== self.host)) return null;
    return wrong(
      `is on the same machine as its primary ${shownAt(primary, ward)}, and no other replica is elsewhere`,
      'CLUSTER REPLICATE a primary of another machine, in exchange with another replica',
    );
  })(ward);
};

/** What a primary of Redis forgets at a restart, its replicas forget, too. */
export const keepsNothing: Rule = forEach((patient: Patient) => {
  const { settings, info } = patient;
  const isKept = !settings.has('save') || field(settings, 'save') !== '' || field(settings, 'appendonly') === 'yes';
  if (isKept || field(info, 'role') !== 'master' || count(info, 'connected_slaves') === 0) return null;
  return hint(
    'keeps nothing on disk (no save, no appendonly): restarted at once it comes back empty, and replicas copy that',
    'CONFIG SET appendonly yes or save "3600 1", then CONFIG REWRITE; or never let a supervisor restart it at once',
  );
});
