/**
 * The proof is proved: what the harness prints is counted right, and a name that leaves is noticed.
 *
 * The text is put together by hand after what tclsh prints in external mode with `--durable`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  compare,
  countNames,
  grown,
  readList,
  readSkips,
  runSteadily,
  unexplained,
  writeList,
} from '../conformance/ratchet.mjs';
import { readInstances, readOutput } from '../conformance/unit.mjs';

const SAID = `Starting test server at port 21079
[ready]: 4242
Testing unit/type/string
[ok]: SET and GET an item (1 ms)
[ok]: a name (with 2 brackets) (0 ms)
[err]: GETEX EX option in tests/unit/type/string.tcl
Expected '1' to be equal to '2'
    while executing
[skip]: BLPOP waits
[ignore]: Not supported on external server
[ok]: SET and GET an item (12 ms)
[1/1 done]: unit/type/string (1 seconds)

                   The End

!!! WARNING The following tests failed:

*** [err]: GETEX EX option in tests/unit/type/string.tcl
Expected '1' to be equal to '2'
`;

describe('what the harness prints', () => {
  test('is counted once each', () => {
    const heard = readOutput(SAID);
    expect(heard.passed).toEqual(['SET and GET an item', 'a name (with 2 brackets)', 'SET and GET an item']);
    expect(heard.failed.map(({ name }) => name)).toEqual(['GETEX EX option']);
    expect(heard.failed[0]?.why).toContain("Expected '1'");
    expect(heard.failed[0]?.why).not.toContain('WARNING');
    expect([heard.skipped, heard.ignored]).toEqual([['BLPOP waits'], ['Not supported on external server']]);
    expect(heard.ending).toBe('');
  });

  test('tells how a unit ended that did not come to its end', () => {
    expect(readOutput('[ok]: a (1 ms)\n[exception]: Executing test client: I/O error\n').ending).toContain('I/O error');
    expect(readOutput('[ok]: a (1 ms)\n').ending).toBe('ended without a word');
  });
});

test('the cluster suite prints its names with a clock, and what a check says within it', () => {
  const heard = readInstances(
    '14:17:44> (init) Restart killed instances: redis/3 \u001b[0;32;49mOK\u001b[0m\n' +
      'killing stale instance 77\n' +
      '14:17:45> Cluster is up: OK\n' +
      '14:17:50> Slots are moved: Moving: slot 5\n' +
      'FAILED: caught an error in the test ERR no\n' +
      '14:17:51> Instance #5 is: a slave: OK\n' +
      '14:17:55> Waits: for ever\n',
  );
  expect(heard.passed).toEqual(['(init) Restart killed instances', 'Cluster is up', 'Instance #5 is']);
  expect(heard.failed.map(({ name }) => name)).toEqual(['Slots are moved', 'Waits']);
  expect(heard.failed[0]?.why).toContain('ERR no');
});

describe('the ratchet', () => {
  const list = new Map([
    ['u :: a', 1],
    ['u :: b', 2],
    ['v :: c', 1],
  ]);

  // biome-ignore format: a table
  test.each<[string, string[], string[], string[]]>([
    // what passes                         has left                 is new
    ['all as before',   ['a', 'b', 'b'],   [],                      []],
    ['one gone',        ['b', 'b'],        ['u :: a'],              []],
    ['one of two gone', ['a', 'b'],        ['u :: b'],              []],
    ['one more',        ['a', 'b', 'b', 'd'], [],                   ['u :: d']],
    ['nothing',         [],                ['u :: a', 'u :: b'],    []],
  ])('%s', (_, names, left, fresh) => expect(compare(list, countNames('u', names), ['u'])).toEqual({ left, fresh }));

  test('takes nothing out when it grows', () => {
    expect(grown(list, countNames('u', ['d', 'b']))).toEqual(new Map([...list, ['u :: d', 1]]));
  });
});

describe('what never passed', () => {
  const here = join(import.meta.dirname, '../conformance');
  const reasons = readSkips(join(here, 'missing-spawned.txt'));

  test('has its reason, and no name of the list has one', () => {
    const list = readList(join(here, 'passing-spawned.txt'));
    const failed = [...list.keys()].map((key) => key.split(' :: ')) as [string, string][];
    const excused = failed.filter(([unit, name]) => {
      return unexplained({ unit, failed: [{ name }] }, new Map(), reasons).length === 0;
    });
    expect(reasons.length).toBeGreaterThan(0);
    expect(excused).toEqual([]);
  });

  test('is named without one', () => {
    const some = [
      { unit: 'u', name: 'a', reason: 'C' },
      { unit: 'u', name: '/^b .* c', reason: 'C' },
    ];
    const failed = ['a', 'b and c', 'c', 'd', 'd', 'aa'].map((name) => ({ name }));
    expect(unexplained({ unit: 'u', failed }, new Map([['u :: c', 1]]), some)).toEqual(['u :: d', 'u :: aa']);
    expect(unexplained({ unit: 'v', failed: [{ name: 'a' }] }, new Map(), some)).toEqual(['v :: a']);
  });
});

describe('a second run of a unit', () => {
  const list = new Map([
    ['u :: a', 1],
    ['u :: b', 2],
  ]);
  const broken = { passed: ['a'], ending: 'exception: invalid command name\nand more' };
  const whole = { passed: ['a', 'b', 'b'], ending: '' };
  const withoutA = { passed: ['b', 'b'], ending: '' };
  const oneB = { passed: ['a', 'b'], ending: '' };
  const oneLeft = 'u: 1 of its names left';
  const brokeOff = 'u: broke off (exception: invalid command name), 1 of its names left';

  // biome-ignore format: a table
  test.each([
    // runs, in their order                       passed           why again, what came or went
    ['none is needed',      [whole],              ['a', 'b', 'b'], undefined, undefined],
    ['it broke off',        [broken, whole],      ['a', 'b', 'b'], brokeOff,  ['u :: b']],
    ['twice',               [broken, broken],     ['a'],           brokeOff,  []],
    ['another one failed',  [withoutA, oneB],     ['a', 'b', 'b'], oneLeft,   ['u :: a', 'u :: b']],
    ['the same one failed', [withoutA, withoutA], ['b', 'b'],      oneLeft,   []],
  ])('%s', async (_, runs, passed, again, unsteady) => {
    const left = [...runs];
    const result = await runSteadily(list, async () => {
      const run = left.shift();
      if (!run) throw new Error('a run too many');
      return { unit: 'u', seconds: 1, ...run };
    });
    expect(left).toEqual([]);
    expect([result.passed, result.again, result.unsteady]).toEqual([passed, again, unsteady]);
    expect(result.seconds).toBe(runs.length);
  });
});

describe('the files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sextet-ratchet-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'list.txt');

  test('a list reads as it was written', () => {
    const counts = new Map([
      ['u :: # of ×3 things', 1],
      ['u :: b', 2],
    ]);
    writeList(path, counts, ['head']);
    expect(readList(path)).toEqual(counts);
    expect(readList(join(folder, 'none.txt'))).toEqual(new Map());
  });

  test('a skip needs its reason', () => {
    writeFileSync(path, '# head\n\n# waits\nu :: BLPOP\n');
    expect(readSkips(path)).toEqual([{ unit: 'u', name: 'BLPOP', reason: 'waits' }]);
    writeFileSync(path, '# waits\nu :: BLPOP\n\nu :: BRPOP\n');
    expect(() => readSkips(path)).toThrow('under a reason');
  });
});
