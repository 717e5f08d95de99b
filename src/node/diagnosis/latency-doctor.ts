/**
 * LATENCY DOCTOR: the events that were slow, in figures, and what is likely to help here.
 *
 * The line of each event has the form that Redis gives it. The advice is our own: much of what Redis says is about
 * forks, allocators and huge pages, and would help nobody here.
 */
import type { LatencyEvent, LatencySample } from '../../commands/server/latency.js';

/** What the advice depends on. */
export interface Circumstances {
  readonly thresholdMs: number;
  readonly nowSeconds: number;
  /** slowlog-log-slower-than, µs. */
  readonly slowerThan: number;
}

type Advice = (circumstances: Circumstances) => string;

const LARGE_KEYS =
  'Large values cost time when they are read or written as a whole, deleted, expired or evicted. Split those that ' +
  'are handled often; UNLINK and the lazyfree-lazy-* directives free the others in the background.';

const BUSY_DISK =
  'The disk did not keep up with the append-only file. See what else writes to it: a snapshot, a rewrite, another ' +
  'process; no-appendfsync-on-rewrite yes leaves the syncs out while one of ours runs.';
const FSYNC_POLICY =
  'appendfsync always lets every client wait for the disk: everysec loses two seconds at worst, and is much faster.';
const SLOW_NAMES =
  'Looking at a file, or giving it another name, was slow: so is the file system, or it is full of other work.';

const ADVICE: ReadonlyMap<string, readonly Advice[]> = new Map([
  ['command', [aboutSlowLog, () => LARGE_KEYS]],
  ['aof-write-pending-fsync', [() => BUSY_DISK]],
  ['aof-write-active-child', [() => BUSY_DISK]],
  ['aof-write-alone', [() => BUSY_DISK]],
  ['aof-fsync-always', [() => FSYNC_POLICY, () => BUSY_DISK]],
  ['aof-fstat', [() => SLOW_NAMES]],
  ['aof-rename', [() => SLOW_NAMES]],
  [
    'fast-command',
    [
      () =>
        'Commands of constant cost were slow, so the process did not get to run: look at the load of the machine, at ' +
        'its swapping, and at what else runs on this core. `redis-cli --intrinsic-latency 100` shows what the machine ' +
        'costs by itself. Collecting garbage may be a part of it: see the size of the process in INFO memory.',
    ],
  ],
  [
    'expire-cycle',
    [
      () =>
        'Many keys died at once. Spread their times of death by a random share, or lower active-expire-effort: then ' +
        'keys that nobody asks for stay a little longer.',
      () => LARGE_KEYS,
    ],
  ],
  ['expire-del', [() => LARGE_KEYS]],
  ['eviction-del', [() => LARGE_KEYS]],
  [
    'eviction-cycle',
    [
      () =>
        'Much had to be evicted at once: after maxmemory was lowered, or since large values arrived. Lower maxmemory ' +
        'in small steps; maxmemory-eviction-tenacity says how long clients may be kept waiting for room.',
      () => LARGE_KEYS,
    ],
  ],
]);

function aboutSlowLog({ slowerThan, thresholdMs }: Circumstances): string {
  const wanted = `CONFIG SET slowlog-log-slower-than ${thresholdMs * 1000}`;
  if (slowerThan < 0) return `The slow log is off, so the commands are not known. ${wanted} makes it keep them.`;
  if (slowerThan > thresholdMs * 1000)
    return `The slow log keeps fewer commands than the latency monitor saw. ${wanted} makes it keep them all.`;
  return 'SLOWLOG GET names the commands.';
}

export function diagnose(events: readonly LatencyEvent[], circumstances: Circumstances): string {
  if (events.length === 0 && circumstances.thresholdMs === 0)
    return 'The latency monitor is off. CONFIG SET latency-monitor-threshold <milliseconds> turns it on.\n';
  if (events.length === 0)
    return `Nothing has taken ${circumstances.thresholdMs} ms or longer since the latency monitor watches.\n`;
  let text = 'These events took longer than they should:\n\n';
  const advice = new Set<string>();
  events.forEach((event, i) => {
    text += `${i + 1}. ${describe(event, circumstances.nowSeconds)}\n`;
    for (const advise of ADVICE.get(event.name) ?? []) advice.add(advise(circumstances));
  });
  if (advice.size > 0) text += '\nWhat may help:\n\n';
  for (const words of advice) text += `- ${words}\n`;
  return text;
}

function describe({ name, samples, worstMs }: LatencyEvent, nowSeconds: number): string {
  const count = samples.length;
  const average = Math.floor(sum(samples, ({ ms }) => ms) / count);
  const deviation = Math.floor(sum(samples, ({ ms }) => Math.abs(average - ms)) / count);
  const period = (Math.max(1, nowSeconds - (samples[0]?.at ?? nowSeconds)) / count).toFixed(2);
  const spikes = `${count} latency spikes (average ${average}ms, mean deviation ${deviation}ms, period ${period} sec)`;
  return `${name}: ${spikes}. Worst all time event ${worstMs}ms.`;
}

function sum(samples: readonly LatencySample[], of: (sample: LatencySample) => number): number {
  return samples.reduce((total, sample) => total + of(sample), 0);
}
