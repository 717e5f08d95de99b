/**
 * The doctor's round: one server is asked, the others are found by what it knows (CLUSTER NODES, its primary, its
 * replicas), and so on until nobody new is named. Nothing is changed anywhere, and nobody is waited for long.
 */
import { connect } from 'node:net';
import { type Reply, ReplyError } from '../../resp/reply-reader.js';
import { type ClientAddress, Connection } from '../connection.js';
import { parseView, type View } from '../topology.js';
import { within } from '../wait.js';
import { followed } from './finding.js';
import {
  type Access,
  count,
  field,
  type Fields,
  fieldsOf,
  fromHere,
  type Patient,
  placeOf,
  replicasOf,
  selfOf,
} from './patient.js';

/** A server that is well answers at once, also over an ocean. */
const ANSWER_MS = 3_000;

/** All that can be found from these. */
export async function visitAll(from: readonly ClientAddress[], password: string | null): Promise<Patient[]> {
  const patients = new Map<string, Patient>();
  const knownIds = new Set<string>();
  let next = from;
  while (next.length > 0) {
    const visited = await Promise.all(next.map((address) => visit(address, password)));
    for (const patient of visited) {
      const id = patient.view?.viewer;
      if (id !== undefined && knownIds.has(id)) continue; // the same node by another name
      if (id !== undefined) knownIds.add(id);
      patients.set(placeOf(patient.address), patient);
    }
    next = namedBy([...patients.values()], knownIds).filter((address) => !patients.has(placeOf(address)));
  }
  return [...patients.values()];
}

function namedBy(patients: readonly Patient[], knownIds: ReadonlySet<string>): ClientAddress[] {
  const named = new Map<string, ClientAddress>();
  for (const patient of patients) {
    for (const address of [...membersOf(patient, knownIds), ...partnersOf(patient)])
      named.set(placeOf(address), address);
  }
  return [...named.values()];
}

/** Those of its view that were not visited, by another name perhaps. */
function membersOf({ view, address }: Patient, knownIds: ReadonlySet<string>): ClientAddress[] {
  return [...(view?.lines.values() ?? [])].flatMap(({ id, host, port, flags }) => {
    if (knownIds.has(id) || host === '' || flags.includes('noaddr') || flags.includes('handshake')) return [];
    return [fromHere({ host, port }, address)];
  });
}

/** Without a cluster: whom it follows, and who follows it. */
function partnersOf(patient: Patient): ClientAddress[] {
  if (patient.view !== null || patient.access.kind !== 'open') return [];
  const primary = followed(patient);
  const replicas = replicasOf(patient.info).map((one) =>
    fromHere({ host: field(one, 'ip'), port: count(one, 'port') }, patient.address),
  );
  return [...(primary ? [primary] : []), ...replicas].filter(({ host, port }) => host !== '' && port > 0);
}

async function visit(address: ClientAddress, password: string | null): Promise<Patient> {
  const opened = await open(address);
  if (typeof opened === 'string') return stranger(address, { kind: 'unreachable', reason: opened });
  try {
    return await examine(opened, password);
  } catch (error) {
    return stranger(address, { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) });
  } finally {
    opened.close();
  }
}

/** The connection, or why there is none. */
async function open(address: ClientAddress): Promise<Connection | string> {
  const attempt = Connection.open(address, null).catch((error: Error) => error.message);
  const opened = await within(ANSWER_MS, attempt);
  if (opened !== null) return opened;
  void attempt.then((late) => typeof late === 'string' || late.close());
  return 'no connection in time';
}

const NOTHING: Fields = new Map();

function stranger(address: ClientAddress, access: Access): Patient {
  const unseen = { view: null, clock: null, busAnswers: null, isUnlocked: false };
  return { address, access, info: NOTHING, settings: NOTHING, cluster: NOTHING, ...unseen };
}

async function examine(connection: Connection, password: string | null): Promise<Patient> {
  const { address } = connection;
  const ask = async (...args: string[]): Promise<Reply> => {
    const reply = await within(ANSWER_MS, connection.ask(...args));
    if (reply === null) throw new Error(`nothing came back for ${args[0]} in ${ANSWER_MS / 1000} s`);
    return reply;
  };
  const login = password === null ? null : await ask('AUTH', password);
  const isUnlocked = login instanceof ReplyError && login.text.includes('without any password');
  if (login instanceof ReplyError && !isUnlocked) return stranger(address, { kind: 'refused', text: login.text });
  const asked = Date.now();
  const info = await ask('INFO', 'everything');
  const answered = Date.now();
  if (info instanceof ReplyError) return stranger(address, { kind: 'refused', text: info.text });
  const fields = fieldsOf(textOf(info));
  const isClustered = field(fields, 'cluster_enabled') === '1';
  const view = isClustered ? viewOf(textOf(await ask('CLUSTER', 'NODES'))) : null;
  const patient: Patient = {
    address,
    access: { kind: 'open' },
    isUnlocked,
    info: fields,
    settings: settingsOf(await ask('CONFIG', 'GET', '*')),
    cluster: isClustered ? fieldsOf(textOf(await ask('CLUSTER', 'INFO'))) : NOTHING,
    view,
    clock: clockOf(fields, asked, answered),
    busAnswers: null,
  };
  const busPort = selfOf(patient)?.busPort;
  return busPort ? { ...patient, busAnswers: await knock({ host: address.host, port: busPort }) } : patient;
}

/** Bulk strings, and '' for anything else: who has no right to look sees nothing. */
function textOf(reply: Reply): string {
  return Buffer.isBuffer(reply) ? reply.toString() : '';
}

function viewOf(nodes: string): View | null {
  return nodes.includes('myself') ? parseView(nodes) : null;
}

function settingsOf(reply: Reply): Fields {
  const words = Array.isArray(reply) ? reply.map(textOf) : [];
  return new Map(words.flatMap((name, i) => (i % 2 === 0 ? [[name, words[i + 1] ?? ''] as const] : [])));
}

function clockOf(info: Fields, asked: number, answered: number): Patient['clock'] {
  const theirs = Number(field(info, 'server_time_usec')) / 1000;
  if (!(theirs > 0)) return null;
  return { aheadMs: Math.round(theirs - (asked + answered) / 2), errorMs: (answered - asked) / 2 };
}

function knock(address: ClientAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, timeout: ANSWER_MS });
    const done = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}
