/** `sextet sim`: what it runs, what it tells, and what it says to those who tell it wrongly. */
import { describe, expect, test } from 'vitest';
import { parseArguments, UsageError } from '../../src/cli/arguments.js';
import { commandFor, runSim } from '../../src/cli/sim.js';
import { Terminal } from '../../src/cli/terminal.js';
import { Nobody, Paper } from './paper.js';

async function sim(...args: string[]) {
  const [out, err] = [new Paper(false), new Paper(false)];
  const code = await runSim(parseArguments('sim', args, {}), new Terminal(out, err, {}));
  return { code, text: out.text, notes: err.text };
}

describe('sim', () => {
  test('some seeds, in one sentence', async () => {
    const { code, text } = await sim('--seeds', '1', '--from', '4294967295');
    expect(code).toBe(0);
    expect(text).toMatch(/^1 seed, [\d.]+ minutes of virtual time, .* 0 seeds broke a rule\n$/);
  }, 60_000);

  test('one world, whole, in the shape that was asked for', async () => {
    const { code, text } = await sim('--seed', '5', '--nodes', '4', '--replicas', '0');
    expect(code).toBe(0);
    expect(text).toMatch(/\nseed 5: all rules hold \(checksum [0-9a-f]+\)\n$/);
    expect(text).toContain('7004  ');
    expect(text).not.toContain('7005  ');
  }, 60_000);

  test('nobody reads any more: no world is begun for him', async () => {
    const terminal = new Terminal(new Nobody(), new Paper(false), {});
    terminal.say('gone');
    expect(await runSim(parseArguments('sim', ['--seeds', '4294967295'], {}), terminal)).toBe(0);
  });

  test('one of many worlds is told again in its own shape', () => {
    const told = parseArguments('sim', ['--nodes', '9', '--replicas', '2', '--seeds', '50'], {});
    expect(commandFor(4711, told)).toBe('sextet sim --seed 4711 --nodes 9 --replicas 2');
    expect(commandFor(4711, parseArguments('sim', [], {}))).toBe('sextet sim --seed 4711');
  });

  test('what stories there are', async () => {
    const { code, text } = await sim('story');
    expect(code).toBe(0);
    expect(text).toContain('  failover           A primary dies, and its replica takes over.\n');
    expect(text).toContain('  redis-12604        17: ');
    expect(text).toContain('"sextet sim story failover"');
  });

  test('a story', async () => {
    const { code, text } = await sim('story', 'failover');
    expect(code).toBe(0);
    expect(text).toMatch(/^A primary dies, and its replica takes over\.\n/);
  });

  // biome-ignore format: a table
  test.each([
    // told                                    what it says
    ['222',                                    'sim has nothing called "222"; a world is --seed 222'],
    ['failover',                               'sim has nothing called "failover"; a story is told by "sim story failover"'],
    ['stories',                                'sim has nothing called "stories"'],
    ['story nope',                             'there is no story "nope"; "sim story" lists all'],
    ['story failover split-brain',             'one story at a time: what is "split-brain"'],
    ['story failover --seed 3',                'a story is always the same, and takes no --seed'],
    ['story failover --minutes 3',             'a story is always the same, and takes no --minutes'],
    ['--seed 3 --from 1',                      '--seed is one world, --from is the first of many'],
    ['--seeds 2 --from 4294967295',            'there is no seed beyond 4294967295'],
    ['--nodes 2',                              '2 nodes are not three or more primaries with a replica each; 6 would be'],
    ['--nodes 7',                              '7 nodes are not three or more primaries with a replica each; 8 would be'],
    ['--nodes 8 --replicas 2',                 '8 nodes are not three or more primaries with 2 replicas each; 9 would be'],
    ['--nodes 2 --replicas 0',                 '2 nodes are not three or more primaries with 0 replicas each; 3 would be'],
  ])('%s', async (args, words) => {
    await expect(sim(...args.split(' '))).rejects.toThrow(new UsageError(words));
  });
});
