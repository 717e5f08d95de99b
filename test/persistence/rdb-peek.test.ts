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

test('functions are no keys', () => {
  const head = Buffer.from('REDIS0010', 'latin1');
  const library = Buffer.from([245, 5, ...Buffer.from('#!lua')]);
  expect(contentOf(Buffer.concat([head, library, Buffer.from([255])]))).toBe('none');
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
