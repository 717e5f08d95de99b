/**
 * The fewest faults that still break a rule: a story of three lines tells more than one of thirty.
 *
 *   halves first, then quarters, … then one by one (delta debugging): what can be left out while the same rule is still
 *   broken is left out. Every try is a whole run, so there is a limit to how many are made.
 */
import type { Fault } from './faults/fault.js';
import { type Outcome, type RunOptions, run } from './run.js';

const MAX_RUNS = 80;

export function shrink(options: RunOptions, found: Outcome): Outcome {
  const rule = found.violation?.rule;
  if (rule === undefined) return found;
  let best = found;
  let runs = 0;
  const tryWith = (faults: readonly Fault[]): boolean => {
    if (runs++ >= MAX_RUNS) return false;
    const outcome = run({ ...options, faults, isTold: false });
    if (outcome.violation?.rule !== rule) return false;
    best = outcome;
    return true;
  };
  if (tryWith([])) return best;
  for (let parts = 2; ; ) {
    const size = Math.ceil(best.faults.length / parts);
    const shorter = leaveOutOne(best.faults, size, tryWith);
    if (shorter) parts = Math.max(2, parts - 1);
    else if (size <= 1 || runs >= MAX_RUNS) return best;
    else parts = Math.min(parts * 2, best.faults.length);
  }
}

/** Tries without each piece of so many faults, until one was not needed. */
function leaveOutOne(faults: readonly Fault[], size: number, tryWith: (faults: readonly Fault[]) => boolean): boolean {
  for (let at = 0; at < faults.length; at += size)
    if (tryWith([...faults.slice(0, at), ...faults.slice(at + size)])) return true;
  return false;
}
