/**
 * Keys written and read back through clients that find their way by themselves.
 *
 * Two of them need nothing of npm: redis-cli -c, which follows each redirection, and Debian's python3-redis, which
 * asks for the map of slots first. Half of the keys have hash tags.
 */
import { join } from 'node:path';
import { needFile } from '../../../scripts/apt.mjs';
import { expect, expectSame } from './checks.mjs';
import { run, typeInto } from './nodes.mjs';

const PYTHON = '/usr/bin/python3'; // Debian's own: it has Debian's packages, one from elsewhere does not
const PYTHON_LIBRARY = '/usr/lib/python3/dist-packages/redis/cluster.py';
const PYTHON_PROGRAM = join(import.meta.dirname, 'keys.py');

export function keysOf(prefix, count) {
  return Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `${prefix}:${i}` : `{${prefix}:${i % 100}}:${i}`));
}

/** Everything goes in at `port`; redis-cli answers each line, and says where it was sent to. */
export async function writeByCli(port, keys) {
  const lines = await answersOf(
    port,
    keys.map((key) => `set ${key} value-of-${key}`),
  );
  expectSame(lines.filter((line) => line === 'OK').length, keys.length, 'number of OK');
}

export async function readByCli(port, keys) {
  const lines = await answersOf(
    port,
    keys.map((key) => `get ${key}`),
  );
  expectSame(
    lines.filter((line) => line !== ''),
    keys.map((key) => `value-of-${key}`),
    `values read from ${port}`,
  );
}

/** What it answered, and how often it was sent elsewhere. */
async function answersOf(port, commands) {
  const { code, out, err } = await typeInto(port, commands);
  expectSame(code, 0, `redis-cli ended\n${err}`);
  const lines = out.trimEnd().split('\n');
  const redirections = lines.filter((line) => line.startsWith('-> Redirected to slot ['));
  expect(redirections.length > commands.length / 10, `only ${redirections.length} redirections were followed`);
  return lines.filter((line) => !redirections.includes(line));
}

export function needPython() {
  needFile(PYTHON_LIBRARY, 'python3-redis');
}

export async function throughPython(port, count) {
  const { code, all } = await run(PYTHON, [PYTHON_PROGRAM, String(port), String(count)]);
  expectSame(code, 0, `python ended\n${all}`);
  return all.trim();
}
