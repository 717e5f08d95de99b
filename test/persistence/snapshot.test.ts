/** A snapshot is what was there when it began, whatever happens until it is done. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Snapshot } from '../../src/persistence/snapshot.js';
import { Commander } from '../support/commander.js';
import { anyWrite, type Draw, DRAWS, isFlush } from './any-write.js';
import { type Content, contentOf } from './content.js';
import { Recorder } from './recorder.js';

const DATABASES = 3;

const aDraw: fc.Arbitrary<Draw> = fc.record({
  what: fc.nat(DRAWS - 1),
  x: fc.nat(1 << 16),
  y: fc.nat(1 << 16),
});
/** A change, or (null) a step. */
const aTurn = fc.oneof({ weight: 4, arbitrary: aDraw }, { weight: 1, arbitrary: fc.constant(null) });

function filled(draws: readonly Draw[]): Commander {
  const server = new Commander(DATABASES);
  for (const draw of draws) if (!isFlush(draw)) anyWrite(server, draw);
  return server;
}

/** Lets the snapshot end, with changes in between; what it emitted. */
function taken(server: Commander, turns: readonly (Draw | null)[], bytes: number): Content {
  const recorder = Recorder.of(server.engine);
  const snapshot = new Snapshot(server.engine, recorder, []);
  for (const turn of turns) {
    if (turn !== null) anyWrite(server, turn);
    else {
      snapshot.step(bytes);
      recorder.take();
    }
  }
  while (snapshot.step(bytes) === 'more') recorder.take();
  return recorder.content;
}

/** Bytes of the arena that nobody gives back once all keys are dropped. */
function leftWhenAllIsGone({ engine }: Commander): number {
  engine.spare(); // so that the arena is not forgotten as a whole
  engine.flushAll();
  engine.dropSpare();
  while (engine.lazyFree.work(() => false));
  return engine.arena.used;
}

describe('whatever happens meanwhile', () => {
  const runs = fc.tuple(
    fc.array(aDraw, { minLength: 20, maxLength: 400 }),
    fc.array(aTurn, { minLength: 20, maxLength: 300 }),
    fc.integer({ min: 1, max: 400 }),
  );

  test('the moment is kept', () => {
    fc.assert(
      fc.property(runs, ([before, turns, bytes]) => {
        const server = filled(before);
        const moment = contentOf(server.engine);
        expect(taken(server, turns, bytes)).toEqual(moment);
        expect(leftWhenAllIsGone(server)).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('and so is the next one, also behind one that was broken off', () => {
    fc.assert(
      fc.property(runs, fc.nat(300), ([before, turns, bytes], brokenAt) => {
        const server = filled(before);
        const broken = new Snapshot(server.engine, Recorder.of(server.engine), []);
        for (const turn of turns.slice(0, brokenAt)) turn === null ? broken.step(bytes) : anyWrite(server, turn);
        broken.cancel();
        for (const turn of turns) if (turn !== null) anyWrite(server, turn);
        for (let i = 0; i < 3; i++) {
          const moment = contentOf(server.engine);
          expect(taken(server, turns, bytes)).toEqual(moment);
        }
        expect(leftWhenAllIsGone(server)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
