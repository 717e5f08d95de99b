/**
 * A disk that loses power at each I/O step of a save: what is left loads to what was saved before or to what was
 * being saved, never to anything else.
 */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/sim/random.js';
import { Disk, DiskFiles } from '../../../src/sim/world/disk.js';
import { type Pages, ServerOn } from './server-on.js';

const NOTHING: Pages = new Map();

class PowerCut extends Error {}

/** A server on a disk, which stops in front of the step that `crashIn` counts down to. */
function serverOn(disk: Disk): ServerOn {
  const step = (): void => {
    disk.steps++;
    if (disk.crashIn !== null && --disk.crashIn === 0) throw new PowerCut();
  };
  const server = new ServerOn(NOTHING, {
    conf: ['save ""'],
    files: new DiskFiles(
      disk,
      step,
      () => {},
      () => {},
    ),
  });
  server.pass(1);
  return server;
}

function dies(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
}

/** The digests before and after a change, which `save` writes, and what a start finds when power fails at a step. */
function crash(save: string, stepsUntil: number, seed: number): { old: string; fresh: string; found: string } {
  const disk = new Disk(new Random(seed, 1));
  const server = serverOn(disk);
  server.say('DEBUG POPULATE 50');
  server.say('RPUSH list a b c');
  server.say('SAVE');
  const old = server.say('DEBUG DIGEST');
  server.say('SET key:1 changed');
  server.say('DEL list');
  const fresh = server.say('DEBUG DIGEST');
  disk.crashIn = stepsUntil;
  dies(() => {
    server.say(save);
    server.pass(100);
  });
  disk.crashIn = null;
  disk.losePower();
  const next = serverOn(disk);
  expect(next.exits).toEqual([]);
  return { old, fresh, found: next.say('DEBUG DIGEST') };
}

describe.each(['SAVE', 'BGSAVE'])('%s', (save) => {
  test.each([1, 2, 3, 4, 5, 6, 7])('power fails at step %i', (step) => {
    for (let seed = 0; seed < 20; seed++) {
      const { old, fresh, found } = crash(save, step, seed);
      expect([old, fresh]).toContain(found);
    }
  });

  test('that was completed is there whatever happens', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { fresh, found } = crash(save, 1000, seed);
      expect(found).toBe(fresh);
    }
  });
});
