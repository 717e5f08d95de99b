/**
 * What the doctor says: what is wrong, where, and what to do about it. `wrong` is for what stands in the way of a
 * client or of the next failover; a `hint` is for what a careful operator would do otherwise.
 */
import type { ClientAddress } from '../connection.js';
import type { NodeLine, Topology } from '../topology.js';
import { count, field, fromHere, type Patient, placeOf, selfOf } from './patient.js';

export interface Finding {
  readonly rank: 'wrong' | 'hint';
  /** The servers that it is about, as addresses; none: about all of them together. */
  readonly at: readonly string[];
  readonly what: string;
  readonly remedy: string;
}

/** All that were visited, and what follows of it at once. */
export interface Ward {
  readonly patients: readonly Patient[];
  /** Those that told of themselves. */
  readonly open: readonly Patient[];
  readonly topology: Topology;
}

export type Rule = (ward: Ward) => Finding[];

/** One rule over each that told of itself; null: nothing to say. */
export function forEach(judge: (patient: Patient, ward: Ward) => Omit<Finding, 'at'> | null): Rule {
  return (ward) =>
    ward.open.flatMap((patient) => {
      const said = judge(patient, ward);
      return said ? [{ ...said, at: [placeOf(patient.address)] }] : [];
    });
}

export const wrong = (what: string, remedy: string) => ({ rank: 'wrong', what, remedy }) as const;
export const hint = (what: string, remedy: string) => ({ rank: 'hint', what, remedy }) as const;

/** Where a node of CLUSTER NODES is found: by the address at which it was visited, else as the line has it. */
export function shownAt(line: NodeLine, { patients }: Ward): string {
  const visited = patients.find(({ view }) => view?.viewer === line.id);
  return placeOf(visited?.address ?? line);
}

function patientOf(id: string, { patients }: Ward): Patient | undefined {
  return patients.find(({ view }) => view?.viewer === id);
}

/** As others see it: failed, or suspected. */
export function isFailing({ flags }: NodeLine): boolean {
  return flags.includes('fail') || flags.includes('fail?');
}

/** All lines about a node, in all views but its own. */
export function linesAbout(id: string, { open }: Ward): NodeLine[] {
  return open.flatMap(({ view }) => {
    const line = view && view.viewer !== id ? view.lines.get(id) : undefined;
    return line ? [line] : [];
  });
}

/** The primaries among those that told of themselves, in a cluster. */
export function primariesOf({ topology }: Ward): NodeLine[] {
  return [...topology.members.values()].filter(({ role }) => role === 'primary');
}

export function isClustered({ info }: Patient): boolean {
  return field(info, 'cluster_enabled') === '1';
}

/** The server that a replica copies, if it was visited. */
export function primaryOf(patient: Patient, ward: Ward): Patient | undefined {
  const id = selfOf(patient)?.primaryId;
  if (id) return patientOf(id, ward);
  const place = followed(patient);
  return place === null ? undefined : ward.patients.find(({ address }) => placeOf(address) === placeOf(place));
}

/** Whom it follows, as it says itself. */
export function followed({ info, address }: Patient): ClientAddress | null {
  if (field(info, 'role') !== 'slave') return null;
  return fromHere({ host: field(info, 'master_host'), port: count(info, 'master_port') }, address);
}

const MIB = 1024 * 1024;

export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0)} MiB`;
}

/** `a, b and 3 more` */
export function some(places: readonly string[]): string {
  const few = places.slice(0, 3).join(', ');
  return places.length > 3 ? `${few} and ${places.length - 3} more` : few;
}
