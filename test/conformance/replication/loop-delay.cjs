/**
 * Loaded into a server by NODE_OPTIONS: how long its event loop was held, as Node measures it, told on SIGUSR2.
 *
 * Each signal writes what was seen since the last one to the file that LOOP_DELAY_FILE names: `max p99.9 gc` in ms.
 */
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay, PerformanceObserver } = require('node:perf_hooks');

const file = process.env.LOOP_DELAY_FILE;
const RESOLUTION_MS = 1;
const NS_A_MS = 1e6;

if (file !== undefined && process.argv[1]?.includes('sextet-server')) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let longestGc = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGc = Math.max(longestGc, duration);
  }).observe({ entryTypes: ['gc'] });
  delays.enable();
  process.on('SIGUSR2', () => {
    const ms = (ns) => Math.max(0, ns / NS_A_MS - RESOLUTION_MS).toFixed(1);
    writeFileSync(file, `${ms(delays.max)} ${ms(delays.percentile(99.9))} ${longestGc.toFixed(1)}`);
    delays.reset();
    longestGc = 0;
  });
}
