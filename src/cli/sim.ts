/**
 * `sextet sim`: worlds that are made of a seed, run and judged; and stories that such a world tells.
 *
 *   sextet sim                     200 seeds; each that breaks a rule with its story and its fewest faults
 *   sextet sim --seed 4711         the story of one
 *   sextet sim story failover      a numbered scenario, as text
 */
import { describeFaults, type Outcome, type RunOptions, run } from '../sim/run.js';
import { KNOWN_BUGS, SCENARIOS, tellScenario } from '../sim/scenarios/table.js';
import { NODE_TIMEOUT_MS, USUAL, usualFor } from '../sim/setting.js';
import { shrink } from '../sim/shrink.js';
import { type Told, UsageError } from './arguments.js';
import type { Terminal } from './terminal.js';

const SEEDS = 200;
const PROGRESS_EVERY = 50;
const LAST_LINES = 60;
const MINUTE = 60_000;

export async function runSim(told: Told, terminal: Terminal): Promise<number> {
  const [word, name] = told.words;
  if (word === 'story') return tellStory(name, terminal);
  if (word !== undefined) throw new UsageError(`sim has nothing called "${word}"`);
  const optionsFor = optionsOf(told);
  if (told.seed !== null) return tellRun({ ...optionsFor(told.seed), isTold: true }, terminal);
  return runSeeds(optionsFor, told.from ?? 1, told.seeds ?? SEEDS, terminal);
}

type OptionsFor = (seed: number) => RunOptions;

/** What was not told is drawn from the seed. */
function optionsOf({ nodes, replicas, minutes }: Told): OptionsFor {
  return (seed) => {
    const usual = usualFor(seed);
    const replicasEach = replicas ?? (nodes === null ? usual.replicasEach : USUAL.replicasEach);
    const primaries = nodes === null ? usual.primaries : Math.max(3, Math.floor(nodes / (1 + replicasEach)));
    const chaosMs = minutes === null ? usual.chaosMs : minutes * MINUTE;
    return { seed, primaries, replicasEach, chaosMs, isTold: false };
  };
}

function runSeeds(optionsFor: OptionsFor, from: number, count: number, terminal: Terminal): number {
  const failed: number[] = [];
  const sums = { virtualMs: 0, acknowledged: 0, replicated: 0, excused: 0 };
  for (let seed = from; seed < from + count; seed++) {
    const options = optionsFor(seed);
    const outcome = run(options);
    sums.virtualMs += outcome.virtualMs;
    sums.acknowledged += outcome.writes.acknowledged;
    sums.replicated += outcome.writes.replicated;
    sums.excused += outcome.writes.excused;
    if (outcome.violation !== null) {
      failed.push(seed);
      report(shrink(options, outcome), options, terminal);
    }
    if ((seed - from + 1) % PROGRESS_EVERY === 0) terminal.note(`${seed - from + 1} of ${count} seeds`);
  }
  const minutes = (sums.virtualMs / MINUTE).toFixed(1);
  terminal.say(
    `${count} seeds, ${minutes} minutes of virtual time, node timeout ${NODE_TIMEOUT_MS} ms: ` +
      `${sums.acknowledged} writes acknowledged, ${sums.replicated} of them on all replicas, ${sums.excused} lost as ` +
      `asynchronous replication may lose them, ${failed.length} seeds broke a rule${failed.length > 0 ? ': ' : ''}` +
      failed.join(' '),
  );
  return failed.length === 0 ? 0 : 1;
}

/** The rule, the fewest faults, the last of the story. */
function report({ seed, faults }: Outcome, options: RunOptions, terminal: Terminal): void {
  const told = run({ ...options, seed, faults, isTold: true });
  terminal.say(`seed ${seed}: ${describeViolation(told)}`);
  terminal.say(`the fewest faults for it:\n${describeFaults(faults).join('\n')}`);
  terminal.say(`the end of the story:\n${told.story.slice(-LAST_LINES).join('\n')}\n`);
}

function tellRun(options: RunOptions, terminal: Terminal): number {
  const outcome = run(options);
  terminal.say(outcome.story.join('\n'));
  terminal.say(`\nseed ${outcome.seed}: ${describeViolation(outcome)} (checksum ${outcome.checksum})`);
  return outcome.violation === null ? 0 : 1;
}

function describeViolation({ violation }: Outcome): string {
  return violation === null ? 'all rules hold' : `rule ${violation.rule}: ${violation.what}`;
}

function tellStory(name: string | undefined, terminal: Terminal): number {
  const all = [...SCENARIOS, ...KNOWN_BUGS];
  const scenario = all.find((one) => one.name === name);
  if (scenario === undefined) {
    const list = all.map((one) => `  ${one.name.padEnd(18)} ${one.title}`);
    throw new UsageError(
      `${name === undefined ? 'which story?' : `there is no story "${name}"`}\n${list.join('\n')}\n`,
    );
  }
  terminal.say(tellScenario(scenario).join('\n'));
  return 0;
}
