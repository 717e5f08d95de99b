/**
 * `sextet sim`: worlds that are made of a seed, run and judged; and stories that such a world tells.
 *
 *   sextet sim                     200 seeds; each that breaks a rule with its story and its fewest faults
 *   sextet sim --seed 4711         the story of one
 *   sextet sim story               what stories there are
 *   sextet sim story failover      a numbered scenario, as text
 */
import { describeFaults, type Outcome, type RunOptions, run } from '../sim/run.js';
import { KNOWN_BUGS, type Scenario, SCENARIOS, tellScenario } from '../sim/scenarios/table.js';
import { NODE_TIMEOUT_MS, USUAL, usualFor } from '../sim/setting.js';
import { shrink } from '../sim/shrink.js';
import { MAX_SEED, type Told, UsageError } from './arguments.js';
import type { Terminal } from './terminal.js';

const SEEDS = 200;
const PROGRESS_EVERY = 50;
const LAST_LINES = 60;
const MINUTE = 60_000;
/** Two are no majority of two. */
const FEWEST_PRIMARIES = 3;

export async function runSim(told: Told, terminal: Terminal): Promise<number> {
  const { words, seed, from, minutes, seeds } = told;
  const [word, name, ...more] = words;
  if (word !== undefined && word !== 'story') throw new UsageError(strangeWord(word));
  if (more.length > 0) throw new UsageError(`one story at a time: what is "${more.join(' ')}"`);
  if (word === 'story') {
    const extra = [['seed', seed] as const, ['from', from] as const, ['minutes', minutes] as const];
    for (const [option, value] of extra)
      if (value !== null) throw new UsageError(`a story is always the same, and takes no --${option}`);
    return tellStory(name, terminal);
  }
  const optionsFor = optionsOf(told);
  if (seed !== null && from !== null) throw new UsageError('--seed is one world, --from is the first of many');
  if (seed !== null) return tellRun({ ...optionsFor(seed), isTold: true }, terminal);
  return runSeeds({ optionsFor, commandFor: (one) => commandFor(one, told) }, from ?? 1, seeds ?? SEEDS, terminal);
}

/** What tells the whole story of one of many worlds. */
export function commandFor(seed: number, told: Pick<Told, 'nodes' | 'replicas' | 'minutes'>): string {
  const shape = (['nodes', 'replicas', 'minutes'] as const).filter((name) => told[name] !== null);
  return ['sextet sim --seed', seed, ...shape.map((name) => `--${name} ${told[name]}`)].join(' ');
}

function strangeWord(word: string): string {
  const isNumber = Number.isInteger(Number(word));
  if (isNumber) return `sim has nothing called "${word}"; a world is --seed ${word}`;
  const isStory = storyOf(word) !== undefined;
  return `sim has nothing called "${word}"${isStory ? `; a story is told by "sim story ${word}"` : ''}`;
}

type OptionsFor = (seed: number) => RunOptions;

interface Plan {
  readonly optionsFor: OptionsFor;
  readonly commandFor: (seed: number) => string;
}

/** What was not told is drawn from the seed. */
function optionsOf({ nodes, replicas, minutes }: Told): OptionsFor {
  const told = nodes === null ? null : shapeOf(nodes, replicas ?? USUAL.replicasEach);
  return (seed) => {
    const usual = usualFor(seed);
    const { primaries, replicasEach } = told ?? { ...usual, replicasEach: replicas ?? usual.replicasEach };
    const chaosMs = minutes === null ? usual.chaosMs : minutes * MINUTE;
    return { seed, primaries, replicasEach, chaosMs, isTold: false };
  };
}

function shapeOf(nodes: number, replicasEach: number): Pick<RunOptions, 'primaries' | 'replicasEach'> {
  const each = 1 + replicasEach;
  const primaries = nodes / each;
  if (Number.isInteger(primaries) && primaries >= FEWEST_PRIMARIES) return { primaries, replicasEach };
  const next = Math.max(FEWEST_PRIMARIES, Math.ceil(primaries)) * each;
  const share = replicasEach === 1 ? 'a replica' : `${replicasEach} replicas`;
  throw new UsageError(`${nodes} nodes are not three or more primaries with ${share} each; ${next} would be`);
}

function runSeeds(plan: Plan, from: number, count: number, terminal: Terminal): number {
  if (from + count - 1 > MAX_SEED) throw new UsageError(`there is no seed beyond ${MAX_SEED}`);
  const failed: number[] = [];
  const sums = { virtualMs: 0, acknowledged: 0, replicated: 0, excused: 0 };
  for (let seed = from; seed < from + count && !terminal.isGone; seed++) {
    const options = plan.optionsFor(seed);
    const outcome = run(options);
    sums.virtualMs += outcome.virtualMs;
    sums.acknowledged += outcome.writes.acknowledged;
    sums.replicated += outcome.writes.replicated;
    sums.excused += outcome.writes.excused;
    if (outcome.violation !== null) {
      failed.push(seed);
      report(shrink(options, outcome), options, terminal);
      terminal.say(`all of it, with every fault: ${plan.commandFor(seed)}\n`);
    }
    if ((seed - from + 1) % PROGRESS_EVERY === 0) terminal.note(`${seed - from + 1} of ${count} seeds`);
  }
  const minutes = (sums.virtualMs / MINUTE).toFixed(1);
  terminal.say(
    `${seedsOf(count)}, ${minutes} minutes of virtual time, node timeout ${NODE_TIMEOUT_MS} ms: ` +
      `${sums.acknowledged} writes acknowledged, ${sums.replicated} of them on all replicas, ${sums.excused} lost as ` +
      `asynchronous replication may lose them, ${seedsOf(failed.length)} broke a rule${failed.length > 0 ? ': ' : ''}` +
      failed.join(' '),
  );
  return failed.length === 0 ? 0 : 1;
}

function seedsOf(count: number): string {
  return count === 1 ? '1 seed' : `${count} seeds`;
}

/** The rule, the fewest faults, the last of the story. */
function report({ seed, faults }: Outcome, options: RunOptions, terminal: Terminal): void {
  const told = run({ ...options, seed, faults, isTold: true });
  terminal.say(`seed ${seed}: ${describeViolation(told)}`);
  terminal.say(`the fewest faults for it:\n${describeFaults(faults).join('\n')}`);
  terminal.say(`the end of the story:\n${told.story.slice(-LAST_LINES).join('\n')}`);
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
  if (name === undefined) {
    terminal.say(`Stories:\n${listOf(SCENARIOS)}\n\nBugs that others had, and what becomes of them here:`);
    terminal.say(`${listOf(KNOWN_BUGS)}\n\n"sextet sim story failover" tells the first one.`);
    return 0;
  }
  const scenario = storyOf(name);
  if (scenario === undefined) throw new UsageError(`there is no story "${name}"; "sim story" lists all`);
  const { lines, isBroken } = tellScenario(scenario);
  terminal.say(lines.join('\n'));
  return isBroken ? 1 : 0;
}

function storyOf(name: string): Scenario | undefined {
  return [...SCENARIOS, ...KNOWN_BUGS].find((one) => one.name === name);
}

function listOf(scenarios: readonly Scenario[]): string {
  return scenarios.map(({ name, title }) => `  ${name.padEnd(18)} ${title}`).join('\n');
}
