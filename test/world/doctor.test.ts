/**
 * `sextet doctor` before a real cluster whose replicas cannot log in: all slots are served, every node answers, and no
 * failover would work. The cure that it names is done, and then nothing is wrong.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SixProcesses, startSixProcesses } from './six-processes.js';

const TOOLBOX = join(import.meta.dirname, '..', '..', 'bin', 'sextet.js');
const PASSWORD = 'right';
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEXTET_')));

let six: SixProcesses;

beforeAll(async () => {
  six = await startSixProcesses(['requirepass', PASSWORD], ['masterauth', 'wrong']);
});

afterAll(() => six.stop());

interface Told {
  readonly code: number;
  readonly out: string;
}

function doctor(...args: readonly string[]): Promise<Told> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [TOOLBOX, 'doctor', ...args], { env: ENVIRONMENT }, (_, out) =>
      resolve({ code: child.exitCode ?? -1, out }),
    );
  });
}

/** One order, to all nodes. */
async function tellAll(...words: [string, ...string[]]): Promise<void> {
  for (const port of six.ports) {
    const node = new Redis(port, '127.0.0.1', { password: PASSWORD });
    await node.call(...words);
    node.disconnect();
  }
}

test('a wrong masterauth is named with its cure, and the cure helps', async () => {
  const folder = six.cluster.folder.path;
  const ill = await doctor(folder);
  expect(ill.out).toContain('6 servers looked at');
  expect(ill.out).toContain('its masterauth is not the requirepass of');
  for (const replica of six.ports.slice(3)) {
    expect(ill.out).toMatch(new RegExp(`127.0.0.1:${replica}\\S* cannot copy its primary .*invalid username-password`));
  }
  expect(ill.out).toContain('do: its masterauth is wrong: CONFIG SET masterauth <the requirepass of its primary>');
  expect(ill.code).toBe(1);
  await tellAll('CONFIG', 'SET', 'masterauth', PASSWORD);
  let healed = await doctor(folder);
  while (healed.code !== 0) healed = await doctor(folder); // a replica tries again each second
  expect(healed.out).toContain('6 servers looked at: nothing is wrong');
});

test('asked by a port, it needs the password, and finds all nodes from one', async () => {
  const port = String(six.ports[0]);
  const locked = await doctor('--port', port);
  expect(locked.out).toContain(`127.0.0.1:${port} asks for a password`);
  expect(locked.code).toBe(1);
  const findings = await doctor('--port', port, '--password', PASSWORD, '--json');
  expect(JSON.parse(findings.out)).toEqual([]);
  expect(findings.code).toBe(0);
});

test('told wrongly, it says so', async () => {
  expect((await doctor('127.0.0.1:99999')).code).toBe(2);
  expect((await doctor('no such folder')).code).toBe(1);
});
