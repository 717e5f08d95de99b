/**
 * The ratchet: names of tests that have passed once must go on passing.
 *
 *    unit/type/string :: SET and GET an item
 *    unit/type/list-3 :: ziplist implementation: value encoding and backlink ×2
 *
 * One line a name, sorted; `×n` where a unit has n tests of that name. A name that leaves fails the run, a new one is
 * shown and written by `--update`. The program never takes a name out: who does says why in the commit.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const BETWEEN = ' :: ';

/** @returns {Map<string, number>} how often each `unit :: name` passed */
export function countNames(unit, names) {
  const counts = new Map();
  for (const name of names) {
    const key = unit + BETWEEN + steady(name);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

export function readList(path) {
  const counts = new Map();
  if (!existsSync(path)) return counts;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, times] = /^(.*?)(?: ×(\d+))?$/.exec(line);
    counts.set(name, Number(times ?? 1));
  }
  return counts;
}

export function writeList(path, counts, head) {
  const lines = [...counts].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`));
  writeFileSync(path, `${[...head.map((line) => `# ${line}`), ...lines.sort()].join('\n')}\n`);
}

/** What left the list and what is new, looking only at `units` (the ones that were run). */
export function compare(list, passing, units) {
  const wasRun = (name) => units.includes(name.slice(0, name.indexOf(BETWEEN)));
  const left = [...list].filter(([name, times]) => wasRun(name) && (passing.get(name) ?? 0) < times);
  const fresh = [...passing].filter(([name, times]) => times > (list.get(name) ?? 0));
  return { left: left.map(([name]) => name), fresh: fresh.map(([name]) => name) };
}

/**
 * Runs a unit, and a second time if a name left: some tests measure time, and the harness breaks off for reasons of its
 * own. A name that passed in either has not left. `again` tells why there was a second run, `unsteady` what came and
 * went.
 */
export async function runSteadily(list, run) {
  const first = await run();
  const lost = leftIn(list, first);
  if (lost.length === 0) return first;
  const second = await run();
  const lostThen = leftIn(list, second);
  const [had, has] = [first, second].map(({ unit, passed }) => countNames(unit, passed));
  const saved = lostThen.filter((name) => !lost.includes(name));
  const copies = saved.flatMap((name) => Array.from({ length: had.get(name) - (has.get(name) ?? 0) }, () => name));
  return {
    ...second,
    passed: [...second.passed, ...copies.map((name) => name.slice(second.unit.length + BETWEEN.length))],
    seconds: first.seconds + second.seconds,
    again: whyAgain(first, lost),
    unsteady: [...lost.filter((name) => !lostThen.includes(name)), ...saved],
  };
}

/** The names of the list that one run of a unit did not bring. */
export function leftIn(list, { unit, passed }) {
  return compare(list, countNames(unit, passed), [unit]).left;
}

export function whyAgain({ unit, ending = '' }, lost) {
  const cause = ending === '' ? '' : `broke off (${ending.split('\n')[0].slice(0, 160)}), `;
  return `${unit}: ${cause}${lost.length} of its names left`;
}

/** The list with the new names added; nothing is taken out. */
export function grown(list, passing) {
  const counts = new Map(list);
  for (const [name, times] of passing) counts.set(name, Math.max(times, counts.get(name) ?? 0));
  return counts;
}

/**
 * The skip list: tests that hang or break the tests after them until a command exists.
 *
 *    # BLPOP: waits for ever
 *    unit/type/list :: BLPOP: single existing list
 *
 * A name may begin with `/` and is then a pattern, as the harness has it. Each group of lines needs its reason above.
 */
export function readSkips(path) {
  const skips = [];
  let reason = '';
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('#')) reason = line.slice(1).trim();
    else if (line === '') reason = '';
    else {
      const at = line.indexOf(BETWEEN);
      if (at < 0 || reason === '') throw new Error(`skip.txt: needs \`unit :: name\` under a reason: ${line}`);
      skips.push({ unit: line.slice(0, at), name: line.slice(at + BETWEEN.length), reason });
    }
  }
  return skips;
}

/** Tests of a run that failed, are not in the list, and have no reason in `reasons` (read by `readSkips`). */
export function unexplained({ unit, failed }, list, reasons) {
  const hasReason = (name) => reasons.some((reason) => reason.unit === unit && isMeant(reason.name, name));
  const names = new Set(failed.map(({ name }) => steady(name)));
  return [...names]
    .filter((name) => !list.has(unit + BETWEEN + name) && !hasReason(name))
    .map((name) => unit + BETWEEN + name);
}

function isMeant(pattern, name) {
  return pattern.startsWith('/') ? new RegExp(pattern.slice(1)).test(name) : pattern === name;
}

/** As it stands in the lists, where blanks at the end of a name would be lost. */
function steady(name) {
  return name.trim();
}
