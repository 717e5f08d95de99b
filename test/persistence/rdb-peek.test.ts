/**
 * Whether there is any key in an RDB file: asked of its first bytes.
 */
import { expect, test } from 'vitest';
import { contentOf } from '../../src/persistence/rdb-peek.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { Snapshot } from '../../src/persistence/snapshot.js';
import { Commander } from '../support/commander.js';

const AUX = [
  ['redis-ver', '7.0.15'],
  ['redis-bits', '64'],
  ['ctime', '1700000000'],
  ['repl-offset', '98765'],
  ['long', 'x'.repeat(100)],
  ['longer', Array.from({ length: 700 }, (_, i) => i).join(' ')],
] as const;

function fileOf(...keys: readonly string[]): Uint8Array {
  const server = new Commander();
  for (const key of keys) server.run('SET', key, 'v');
  const writer = new RdbWriter({ compress: true, checksum: true, usage: 'none' });
  const snapshot = new Snapshot(server.engine, writer, AUX);
  while (snapshot.step(100_000) !== 'done');
  return writer.take();
}

test('a file without a key', () => expect(contentOf(fileOf())).toBe('none'));

test('a file with one', () => expect(contentOf(fileOf('k'))).toBe('keys'));

test.each([
  ['of today', [245, 5, ...Buffer.from('#!lua')]],
  ['of a release candidate', [246, 1, 97, 3, ...Buffer.from('lua'), 0, 1, 120]],
])('libraries of functions %s are no keys', (_, library) => {
  const head = Buffer.from([...Buffer.from('REDIS0010', 'latin1'), ...library]);
  expect(contentOf(Buffer.concat([head, Buffer.from([255])]))).toBe('none');
  expect(contentOf(Buffer.concat([head, Buffer.from([0])]))).toBe('keys');
  for (let n = 10; n <= head.length; n++) expect(contentOf(head.subarray(0, n))).toBe('not-known-yet');
});

test('whoever has too little of it cannot say', () => {
  for (const keys of [[], ['k']]) {
    const file = fileOf(...keys);
    const answers = Array.from(file, (_, n) => contentOf(file.subarray(0, n)));
    const known = answers.findIndex((answer) => answer !== 'not-known-yet');
    expect(new Set(answers.slice(known))).toEqual(new Set([keys.length === 0 ? 'none' : 'keys']));
    expect(known).toBeGreaterThan(AUX.length * 8);
  }
});
