/**
 * What the proofs beside real programs have in common when they are called: which of them run, what they need, and the
 * last line `N passed, N failed`, by which .ci/run counts. The exit code is 0 only if none failed.
 *
 * `--only a,b` leaves out the others, `--server real` puts redis-server in our place: what fails then is wrong in the
 * check. A proof that cannot go on is one failed check, and the others still run; what is missing fails, too.
 */
import { parseArgs } from 'node:util';
import { stopAll } from '../../bench/servers.mjs';
import { Missing, needPrograms } from '../../scripts/apt.mjs';
import { Checks } from './cluster/checks.mjs';

/** @param {Record<string, (checks: Checks, kind: string) => Promise<void>>} proofs by name, in their order */
export async function runProofs(title, programs, proofs) {
  endOn(['SIGINT', 'SIGTERM'], stopAll);
  const sum = await runAll(title, programs, proofs, async (chosen, kind) => {
    const checks = new Checks();
    for (const name of chosen) await attempt(checks, name, () => proofs[name](checks, kind));
    return [checks];
  });
  tell(sum);
}

/**
 * The same, all at the same time: for proofs that mostly wait. Each is printed as a whole, in their order. `leave` ends
 * what they have started when the run is broken off.
 */
export async function runSideBySide(title, programs, proofs, leave) {
  endOn(['SIGINT', 'SIGTERM'], leave);
  const sum = await runAll(title, programs, proofs, (chosen, kind) => {
    let printed = Promise.resolve();
    const runs = chosen.map(async (name) => {
      const lines = [];
      const checks = new Checks((line) => lines.push(line));
      const before = printed;
      const done = attempt(checks, name, () => proofs[name](checks, kind));
      printed = Promise.all([before, done]).then(() => console.log(lines.join('\n')));
      await printed;
      return checks;
    });
    return Promise.all(runs);
  });
  tell(sum);
}

async function runAll(title, programs, proofs, run) {
  const names = Object.keys(proofs);
  const { values: options } = parseArgs({
    options: { only: { type: 'string', default: names.join(',') }, server: { type: 'string', default: 'ours' } },
  });
  const chosen = options.only.split(',');
  try {
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Missing(`no proof ${unknown}, only ${names.join(', ')}`);
    needPrograms(...programs);
    const all = await run(chosen, options.server);
    return { passed: total(all, 'passed'), failed: total(all, 'failed') };
  } catch (failure) {
    console.error(failure instanceof Missing ? `${title}: ${failure.message}` : failure);
    return { passed: 0, failed: 1 };
  } finally {
    await stopAll();
  }
}

function endOn(signals, leave) {
  for (const signal of signals) process.once(signal, () => leave().finally(() => process.exit(130)));
}

async function attempt(checks, name, prove) {
  try {
    await prove();
  } catch (failure) {
    const { message, stack } = failure;
    await checks.check(`${name} runs to its end`, () => {
      throw new Error(failure instanceof Missing ? message : stack);
    });
  }
}

function total(all, what) {
  return all.reduce((sum, checks) => sum + checks[what], 0);
}

function tell({ passed, failed }) {
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
