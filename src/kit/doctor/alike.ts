/**
 * What should be the same everywhere: versions, clocks, and the directives by which nodes decide together. A
 * difference is mostly an update that is half done, or a CONFIG SET that was forgotten at some of them.
 */
import { field, type Patient, placeOf } from './patient.js';
import { type Finding, hint, isClustered, type Rule, some, type Ward, wrong } from './finding.js';

/** Keys that expire at one node still live at another for so long. */
const CLOCK_MS = 1000;

// biome-ignore format: a table
const ALIKE: readonly (readonly [directive: string, why: string])[] = [
  ['cluster-node-timeout',          'nodes find others failed at different times'],
  ['cluster-require-full-coverage', 'some serve while others refuse'],
  ['cluster-allow-reads-when-down', 'some serve while others refuse'],
  ['maxmemory',                     'after a failover there may be less room than before'],
  ['maxmemory-policy',              'after a failover other keys go than before'],
  ['appendonly',                    'after a failover writes are kept in another way than before'],
];

export const versions: Rule = (ward) => [
  ...differing(
    ward,
    (patient) => field(patient.info, 'redis_version'),
    (list) =>
      hint(
        `servers of different versions: ${list}`,
        'fine during an upgrade; until it is done, use only what the oldest knows',
      ),
  ),
  ...differing(
    ward,
    (patient) => field(patient.info, 'sextet_version'),
    (list) => hint(`sextet nodes of different versions: ${list}`, 'fine during an upgrade'),
  ),
];

export const directives: Rule = (ward) => {
  if (!ward.open.some(isClustered) && ward.open.length < 2) return [];
  return ALIKE.flatMap(([directive, why]) =>
    differing(
      ward,
      ({ settings }) => field(settings, directive),
      (list) =>
        hint(`${directive} differs: ${list}; ${why}`, `CONFIG SET ${directive} to one value, then CONFIG REWRITE`),
    ),
  );
};

/** Where it has more than one value among those that have it at all. */
function differing(
  ward: Ward,
  read: (patient: Patient) => string,
  say: (list: string) => Omit<Finding, 'at'>,
): Finding[] {
  const places = new Map<string, string[]>();
  for (const patient of ward.open) {
    const value = read(patient);
    if (value !== '') places.set(value, [...(places.get(value) ?? []), placeOf(patient.address)]);
  }
  if (places.size < 2) return [];
  return [{ ...say([...places].map(([value, where]) => `${value} (${some(where)})`).join(', ')), at: [] }];
}

/** Measured from here: half of the way there and back is uncertain. */
export const clocks: Rule = (ward) => {
  const told = ward.open.flatMap(({ address, clock }) => (clock ? [{ place: placeOf(address), ...clock }] : []));
  told.sort((a, b) => a.aheadMs - b.aheadMs);
  const [slowest, fastest] = [told[0], told.at(-1)];
  if (!slowest || !fastest) return [];
  const apartMs = fastest.aheadMs - slowest.aheadMs - fastest.errorMs - slowest.errorMs;
  if (apartMs < CLOCK_MS) return [];
  const seconds = (apartMs / 1000).toFixed(1);
  const what = `its clock is ${seconds} s ahead of ${slowest.place}: keys expire at different times`;
  return [{ ...wrong(what, 'let NTP (chrony, timesyncd) set the clocks of both machines'), at: [fastest.place] }];
};
