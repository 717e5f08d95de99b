/**
 * Loaded into a server by NODE_OPTIONS: how long its event loop was held, as Node measures it, told on SIGUSR2.
 *
 * Each signal writes what was seen since the last one to the file that LOOP_DELAY_FILE names: `max p99.9 gc cpu` in ms.
 * The last is what the longest turn took of the processor, whoever else was at work on it; Linux alone knows.
 */
const { openSync, readSync, writeFileSync } = require('node:fs');
const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');

const file = process.env.LOOP_DELAY_FILE;
const RESOLUTION_MS = 1;
const NS_A_MS = 1e6;

/** CPU ms of this thread so far. */
function stopwatch() {
  try {
    const stat = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
    const text = Buffer.alloc(64);
    return () => Number(text.toString('latin1', 0, readSync(stat, text, 0, text.length, 0)).split(' ')[0]) / NS_A_MS;
  } catch {
    return () => 0;
  }
}

if (file !== undefined && process.argv[1]?.includes('sextet-server')) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let longestGc = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGc = Math.max(longestGc, duration);
  }).observe({ entryTypes: ['gc'] });
  const cpuMs = stopwatch();
  let longestTurn = 0;
  let before = cpuMs();
  const turn = () => {
    const now = cpuMs();
    longestTurn = Math.max(longestTurn, now - before);
    before = now;
    setImmediate(turn);
  };
  setImmediate(turn);
  delays.enable();
  process.on('SIGUSR2', () => {
    const ms = (ns) => Math.max(0, ns / NS_A_MS - RESOLUTION_MS).toFixed(1);
    const wall = `${ms(delays.max)} ${ms(delays.percentile(99.9))} ${longestGc.toFixed(1)}`;
    writeFileSync(file, `${wall} ${longestTurn.toFixed(1)}`);
    delays.reset();
    longestGc = longestTurn = 0;
  });
}
