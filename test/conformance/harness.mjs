/**
 * One run of a Tcl program of the suite: its own process group, a limit, and all that it said.
 *
 * The group, because its servers must not outlive it, however it ends, nor us when we are told to go (`endRuns`).
 */
import { spawn } from 'node:child_process';
import { Missing } from '../../scripts/apt.mjs';

/** For what is on its way when a run ends. A server that left the group may hold the pipe for ever. */
const LAST_WORDS_MS = 2_000;

const groups = new Set();

export function endRuns() {
  for (const pid of groups) endGroup(pid);
}

/** @returns {Promise<{ text: string, timedOut: boolean, seconds: number }>} `hear` is told each piece as it comes */
export function runTcl(args, { cwd, env = process.env, limitMs, hear = () => {} }) {
  const begunAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn('tclsh', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    groups.add(child.pid);
    const said = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        said.push(chunk);
        hear(chunk);
      });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, limitMs);
    child.once('exit', () => {
      endGroup(child.pid);
      const hangUp = () => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
      };
      setTimeout(hangUp, LAST_WORDS_MS).unref();
    });
    child.once('close', () => {
      clearTimeout(timer);
      const text = Buffer.concat(said).toString('utf8');
      resolve({ text, timedOut, seconds: (performance.now() - begunAt) / 1000 });
    });
  });
}

/** The end of a run: `main` gives the exit code; what is missing, or breaks it off, is one failure. */
export async function finish(main, cleanUp = async () => {}) {
  try {
    process.exitCode = await main();
  } catch (failure) {
    console.error(failure instanceof Missing ? `conformance: ${failure.message}` : failure);
    console.log('0 passed, 1 failed');
    process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

function endGroup(pid) {
  groups.delete(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody of that group is left
  }
}
