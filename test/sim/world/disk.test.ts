/** The disk: what is there after a kill, and what may be there after a power failure. */
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/base/host.js';
import { Random } from '../../../src/sim/random.js';
import { Disk, DiskFiles } from '../../../src/sim/world/disk.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function machine(seed: number): { disk: Disk; files: DiskFiles } {
  const disk = new Disk(new Random(seed));
  const files = new DiskFiles(
    disk,
    () => {},
    () => {},
    (_ms, run) => run(),
  );
  return { disk, files };
}

const read = (files: DiskFiles, path: string): string | null => {
  const found = files.read(path);
  return found === null ? null : Buffer.from(found).toString();
};

/** As nodes.conf is saved, up to some step. */
const SAVE: readonly ((files: DiskFiles, text: string) => void)[] = [
  (files, text) => files.write('conf.new', bytes(text)),
  (files) => files.sync('conf.new'),
  (files) => files.rename('conf.new', 'conf'),
  (files) => files.syncFolder('.'),
];

function after(seed: number, steps: number): string | null {
  const { disk, files } = machine(seed);
  for (const step of SAVE) step(files, 'old');
  for (const step of SAVE.slice(0, steps)) step(files, 'the new one');
  disk.losePower();
  return read(files, 'conf');
}

describe('power fails', () => {
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);

  test.each([
    [0, ['old']],
    [1, ['old']],
    [2, ['old']],
    [3, ['old', 'the new one']],
    [4, ['the new one']],
  ])('after %i steps of a save', (steps, possible) => {
    const found = new Set(seeds.map((seed) => after(seed, steps)));
    expect([...found].sort()).toEqual(possible);
  });

  test('a file written without a sync may be torn', () => {
    const found = new Set(
      seeds.map((seed) => {
        const { disk, files } = machine(seed);
        files.write('a', bytes('a'.repeat(2000)));
        files.sync('a');
        files.syncFolder('.');
        files.write('a', bytes('b'.repeat(2000)));
        disk.losePower();
        return read(files, 'a');
      }),
    );
    expect(found).toContain('a'.repeat(2000));
    expect(found).toContain('b'.repeat(2000));
    expect(found).toContain(`${'b'.repeat(512)}${'a'.repeat(1488)}`);
  });
});

test('a full disk says so, and leaves half a file', () => {
  const { disk, files } = machine(1);
  disk.isFull = true;
  expect(() => files.write('a', bytes('12345678'))).toThrow(FileError);
  expect(read(files, 'a')).toBe('1234');
});

test('what is not there cannot be synced or renamed', () => {
  const { files } = machine(1);
  expect(() => files.sync('a')).toThrow('No such file or directory');
  expect(() => files.rename('a', 'b')).toThrow('No such file or directory');
});
