/**
 * Six servers as the doctor finds them: what real nodes of 7.0.15 said (test/golden/doctor), and each of their texts
 * can be changed for a test. Most tests are rows: a change, and the findings.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diagnose } from '../../src/kit/doctor/diagnose.js';
import { fieldsOf, type Patient } from '../../src/kit/doctor/patient.js';
import { parseView } from '../../src/kit/topology.js';

const GOLDEN = join(import.meta.dirname, '..', 'golden', 'doctor');
const PORTS = [27100, 27101, 27102, 27103, 27104, 27105]; // three primaries, and 27105, 27103, 27104 follow them

type Section = 'info' | 'nodes' | 'cluster' | 'settings';

export class TextPatient {
  private readonly texts = new Map<string, string>();
  /** What is not text: who knocked, and when. */
  rest: Partial<Patient> = {};

  constructor(readonly port: number) {
    const sections = readFileSync(join(GOLDEN, `${port}.txt`), 'utf8').split(/^== /m);
    for (const section of sections) {
      const end = section.indexOf('\n');
      this.texts.set(section.slice(0, end), section.slice(end + 1));
    }
  }

  text(section: Section): string {
    return this.texts.get(section) ?? '';
  }

  /** Must change something: a test that finds nothing to change tests nothing. */
  change(section: Section, from: string | RegExp, to: string): void {
    const before = this.text(section);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`no ${from} in the ${section} of ${this.port}`);
    this.texts.set(section, after);
  }

  /** `name:value`, whatever it was, and where it was not, at the end. */
  set(section: Section, name: string, value: string): void {
    const line = new RegExp(`^${name}:.*$`, 'm');
    const before = this.text(section);
    const said = `${name}:${value}`;
    this.texts.set(section, line.test(before) ? before.replace(line, said) : `${before}${said}\n`);
  }

  get patient(): Patient {
    const fields = (section: Section) => fieldsOf(this.text(section).replaceAll('\n', '\r\n'));
    const nodes = this.text('nodes');
    return {
      address: { host: '127.0.0.1', port: this.port },
      access: { kind: 'open' },
      isUnlocked: false,
      info: fields('info'),
      settings: fields('settings'),
      cluster: fields('cluster'),
      view: nodes === '' ? null : parseView(nodes),
      clock: { aheadMs: 0, errorMs: 1 },
      busAnswers: true,
      ...this.rest,
    };
  }
}

export class TextWard {
  readonly all = PORTS.map((port) => new TextPatient(port));

  at(port: number): TextPatient {
    const found = this.all.find((one) => one.port === port);
    if (!found) throw new Error(`nobody at ${port}`);
    return found;
  }

  /** In the CLUSTER NODES of all, in the line that begins so. */
  everywhere(from: RegExp, to: string): void {
    for (const one of this.all) one.change('nodes', from, to);
  }

  /** Does not answer, and the others have noticed. */
  dead(port: number): void {
    this.all.splice(this.all.indexOf(this.at(port)), 1);
    for (const one of this.all) one.change('nodes', new RegExp(`(:${port}@\\d+ )(master|slave)`), '$1$2,fail');
    this.silent.push(port);
  }

  private readonly silent: number[] = [];

  get patients(): Patient[] {
    const gone = this.silent.map((port): Patient => {
      const empty = new Map<string, string>();
      return {
        address: { host: '127.0.0.1', port },
        access: { kind: 'unreachable', reason: 'connect ECONNREFUSED' },
        isUnlocked: false,
        info: empty,
        settings: empty,
        cluster: empty,
        view: null,
        clock: null,
        busAnswers: null,
      };
    });
    return [...this.all.map(({ patient }) => patient), ...gone];
  }
}

export type Change = (ward: TextWard) => void;
/** The change, and what is then found: `wrong|hint ports: text`, of which the beginning is enough. */
export type Row = readonly [name: string, change: Change, ...findings: string[]];

/** One server has other values than before. */
export function says(port: number, values: Partial<Record<Section, Readonly<Record<string, string>>>>): Change {
  return (ward) => {
    for (const section of ['info', 'settings', 'cluster'] as const) {
      for (const [name, value] of Object.entries(values[section] ?? {})) ward.at(port).set(section, name, value);
    }
  };
}

/** One server answers with an error, whatever it is asked. */
export function refuses(port: number, text: string): Change {
  return (ward) => {
    ward.at(port).rest = { access: { kind: 'refused', text }, view: null };
  };
}

export function testRows(rows: readonly Row[]): void {
  const cases = rows.map(([name, change, ...expected]) => ({ name, change, expected }));
  test.each(cases)('$name', ({ change, expected }) => {
    const ward = new TextWard();
    change(ward);
    const found = diagnose(ward.patients).map(({ rank, at, what }) => {
      const ports = at.map((place) => place.replace('127.0.0.1:', ''));
      return `${rank} ${ports.join(' ')}: ${what}`;
    });
    expect(found.map((text, i) => text.slice(0, expected[i]?.length))).toEqual(expected);
  });
}
