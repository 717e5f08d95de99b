/** The folder of a cluster: claimed once, prepared without a loss, taken back without a trace. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClusterFolder } from '../../src/kit/folder.js';
import { Trouble } from '../../src/kit/trouble.js';

const TWO = {
  replicas: 0,
  members: [
    { name: 'node-1', port: 7000 },
    { name: 'node-2', port: 7001 },
  ],
};

let above = '';
let folder = new ClusterFolder('.');
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'sextet-folder-'));
  folder = new ClusterFolder(join(above, 'data'));
});
afterEach(() => rmSync(above, { recursive: true }));

const read = (...names: string[]) => readFileSync(join(folder.path, ...names), 'utf8');

test('the second claim fails until the first is released', () => {
  expect(folder.claim()).toBe(true);
  expect(folder.claim()).toBe(false);
  folder.release();
  expect(existsSync(folder.path)).toBe(false); // nothing was in it
  expect(folder.claim()).toBe(true);
});

test('a place where no folder can be is told in one sentence', () => {
  const file = join(above, 'file');
  writeFileSync(file, '');
  expect(() => new ClusterFolder(file).claim()).toThrow(/File exists$/);
  expect(() => new ClusterFolder(file).claim()).toThrow(Trouble);
  const below = new ClusterFolder(join(file, 'data'));
  expect(() => below.claim()).toThrow(/cannot be the folder of a cluster: Not a directory$/);
  expect(below.describe()).toBeNull();
});

test('folders above are made, too', () => {
  const deep = new ClusterFolder(join(above, 'a', 'b', 'c'));
  expect(deep.claim()).toBe(true);
  expect(existsSync(join(deep.path, 'running.json'))).toBe(true);
});

test.runIf(existsSync('/proc/self'))('a folder that the system does not allow ends the wait', () => {
  expect(() => new ClusterFolder('/proc/sextet/data').claim()).toThrow(/No such file or directory$/);
});

test('a description comes back as it was', () => {
  expect(folder.describe()).toBeNull();
  folder.prepare(TWO, []);
  expect(folder.describe()).toEqual(TWO);
});

test.each([
  ['no JSON', '{'],
  ['no members', '{"replicas":1,"members":[]}'],
  ['a name that leads out of the folder', '{"replicas":1,"members":[{"name":"../x","port":7000}]}'],
])('a damaged description is refused: %s', (_, text) => {
  folder.prepare(TWO, []);
  writeFileSync(join(folder.path, 'cluster.json'), text);
  expect(() => folder.describe()).toThrow('is damaged');
});

test('who runs is noted, and a note that was cut short is none', () => {
  folder.claim();
  expect(folder.running()).toBeNull();
  folder.noteRunning({ launcher: 1, pids: { 'node-1': 2 } });
  expect(folder.running()).toEqual({ launcher: 1, pids: { 'node-1': 2 } });
});

test('a second preparation changes ports and settings and nothing else', () => {
  folder.prepare(TWO, [['maxmemory', '64mb']]);
  writeFileSync(join(folder.path, 'node-1', 'redis.conf'), `${read('node-1', 'redis.conf')}# mine\n`);
  const moved = { ...TWO, members: TWO.members.map(({ name, port }) => ({ name, port: port + 100 })) };
  folder.prepare(moved, [['maxmemory', '32mb']]);
  const conf = read('node-1', 'redis.conf');
  expect(conf).toContain('# mine\n');
  expect(conf).toContain('port 7100\nmaxmemory 32mb\n');
  expect(conf).not.toContain('7000');
  expect(folder.describe()).toEqual(moved);
});

test('taken back, a first preparation leaves no trace and a second one the first', () => {
  folder.claim();
  folder.prepare(TWO, [])();
  folder.release();
  expect(existsSync(folder.path)).toBe(false);

  folder.prepare(TWO, [['requirepass', 'a']]);
  const before = read('node-2', 'redis.conf');
  folder.prepare({ ...TWO, replicas: 1 }, [['requirepass', 'b']])();
  expect(read('node-2', 'redis.conf')).toBe(before);
  expect(folder.describe()).toEqual(TWO);
  expect(folder.password(TWO)).toBe('a');
});
