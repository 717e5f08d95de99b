/**
 * `sextet doctor`: looks at servers that run, ours or Redis', as an experienced operator would, and says in plain lines
 * what is wrong and what to do about it. It only asks; nothing is changed.
 *
 *   sextet doctor                      the cluster of the folder (sextet-data)
 *   sextet doctor --port 7000          one of this machine, and all that it knows
 *   sextet doctor 10.0.0.1:7000 …      the same, of other machines
 *
 * Exit code 0: nothing is wrong, though there may be hints.
 */
import { diagnose } from '../kit/doctor/diagnose.js';
import type { Finding } from '../kit/doctor/finding.js';
import type { Patient } from '../kit/doctor/patient.js';
import { visitAll } from '../kit/doctor/visit.js';
import type { ClientAddress } from '../kit/connection.js';
import { ClusterFolder } from '../kit/folder.js';
import { LOCALHOST } from '../kit/ports.js';
import { counted, Trouble } from '../kit/trouble.js';
import { pause } from '../kit/wait.js';
import { type Told, UsageError } from './arguments.js';
import type { Terminal } from './terminal.js';

/** Long enough for gossip to tell all nodes what has just changed: what is gone then was no illness. */
const SECOND_LOOK_MS = 1_500;

export async function runDoctor(told: Told, terminal: Terminal): Promise<number> {
  const { from, password } = whom(told);
  const { patients, findings } = await examine(from, password, terminal);
  terminal.say(told.json ? JSON.stringify(findings, null, 2) : asText(findings, patients, terminal));
  return findings.some(({ rank }) => rank === 'wrong') ? 1 : 0;
}

interface Whom {
  readonly from: readonly ClientAddress[];
  readonly password: string | null;
}

function whom({ words, port, dir, password }: Told): Whom {
  const addresses = words.filter((word) => ADDRESS.test(word)).map(addressOf);
  const folders = words.filter((word) => !ADDRESS.test(word));
  if (folders.length > 1) throw new UsageError(`doctor takes one folder, not ${folders.join(' and ')}`);
  if (port) addresses.push({ host: LOCALHOST, port }); // 0 is for `up`: any
  if (addresses.length > 0 && folders.length === 0) return { from: addresses, password };
  const folder = new ClusterFolder(folders[0] ?? dir);
  const description = folder.describe();
  if (!description) {
    throw new Trouble(
      `There is no cluster in ${folder.shown}: name a folder, --port 7000, or an address as 10.0.0.1:7000`,
    );
  }
  const members = description.members.map((member) => ({ host: LOCALHOST, port: member.port }));
  return { from: [...addresses, ...members], password: password ?? folder.password(description) };
}

/** `10.0.0.1:7000`, `[::1]:7000`, `host:7000`, or a port of this machine. */
const ADDRESS = /^(?:(.+):)?(\d{1,5})$/;

function addressOf(word: string): ClientAddress {
  const [, host = LOCALHOST, digits] = ADDRESS.exec(word) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw new UsageError(`${word} has no port from 1 to 65535`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

async function examine(from: readonly ClientAddress[], password: string | null, terminal: Terminal) {
  const progress = terminal.progress();
  try {
    progress.step('asking the nodes');
    let patients = await visitAll(from, password);
    let findings = diagnose(patients);
    if (findings.some(({ rank }) => rank === 'wrong')) {
      progress.step('looking again');
      await pause(SECOND_LOOK_MS);
      patients = await visitAll(from, password);
      findings = diagnose(patients);
    }
    return { patients, findings };
  } finally {
    progress.done();
  }
}

const MARKS = { wrong: ['red', '✗'], hint: ['yellow', '!'] } as const;

function asText(findings: readonly Finding[], patients: readonly Patient[], terminal: Terminal): string {
  const lines = findings.flatMap(({ rank, at, what, remedy }) => {
    const [colour, mark] = MARKS[rank];
    const subject = at.length === 0 ? '' : `${terminal.paint('bold', listOf(at))} `;
    return [`\n  ${terminal.paint(colour, mark)} ${subject}${what}`, `    ${terminal.paint('dim', `do: ${remedy}`)}`];
  });
  const wrong = findings.filter(({ rank }) => rank === 'wrong').length;
  const hints = findings.length - wrong;
  const looked = `${counted(patients.length, 'server', 'servers')} looked at`;
  const verdict = wrong === 0 ? 'nothing is wrong' : `${counted(wrong, 'thing is', 'things are')} wrong`;
  const also = hints === 0 ? '' : `, ${counted(hints, 'hint', 'hints')}`;
  const mark = terminal.paint(wrong === 0 ? 'green' : 'red', '●');
  return [`\n  ${mark} ${looked}: ${verdict}${also}`, ...lines].join('\n');
}

function listOf(places: readonly string[]): string {
  return places.length > 1 ? `${places.slice(0, -1).join(', ')} and ${places.at(-1)}:` : `${places[0]}`;
}
