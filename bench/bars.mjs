/**
 * The bars: what the product promises to reach, each with its source, and the list of verdicts of one run.
 *
 * A bar is judged once per figure; a figure without a bar is only shown. `short` means that the figure misses its bar:
 * the run then ends with code 1, so that nobody takes a short one for a pass.
 */

// biome-ignore format: a table
const BARS = [
  // name                  at least  at most   what it says
  ['P=1 each test',            0.95,    null,  'throughput, ours / redis'],
  ['P=1 geo-mean',             0.98,    null,  'throughput, ours / redis'],
  ['P=1 cpu',                  null,    1.15,  'CPU per request, ours / redis'],
  ['P=16 each test',           1.0,     null,  'throughput, ours / redis'],
  ['P=16 geo-mean',            1.25,    null,  'throughput, ours / redis'],
  ['P=64 each test',           1.1,     null,  'throughput, ours / redis'],
  ['P=64 geo-mean',            1.6,     null,  'throughput, ours / redis'],
  ['p99.9',                    null,    1.0,   'geo-mean of the tests, ours / redis'],
  ['memory per key',           null,    0.55,  'growth of resident memory, ours / redis'],
  ['idle connection',          null,    12,    'KiB each, of 10,000'],
  ['idle node',                null,    2,     '% of a core, each of six nodes'],
  ['idle memory',              null,    60,    'MB resident, each of six nodes'],
  ['start to PONG',            null,    250,   'ms'],
  ['left by Ctrl-C',           null,    0,     'processes'],
  ['saving p99.9',             null,    1.0,   'while BGSAVE runs, ours / redis'],
  ['saving speed',             0.7,     null,  'throughput while BGSAVE runs, of the normal one'],
  ['saving memory',            null,    10,    '% more while BGSAVE runs'],
  ['load time',                null,    1.3,   'from the start until all keys are there, ours / redis'],
  ['npm start to ok',          null,    3000,  'ms until cluster_state:ok on all six'],
];

/** Collects what was measured against its bar. */
export class Verdicts {
  rows = [];

  /** @returns 'pass', 'short', or '' where there is no such bar */
  judge(name, subject, value) {
    const bar = BARS.find(([barName]) => barName === name);
    if (!bar) return '';
    const [, atLeast, atMost, unit] = bar;
    const isMet = (atLeast === null || value >= atLeast) && (atMost === null || value <= atMost);
    this.rows.push({ name, subject, value, bar: atLeast === null ? `≤ ${atMost}` : `≥ ${atLeast}`, unit, isMet });
    return isMet ? 'pass' : 'short';
  }

  get short() {
    return this.rows.filter(({ isMet }) => !isMet);
  }

  print() {
    console.log(`\n${this.rows.length - this.short.length} bars met, ${this.short.length} short`);
    for (const { name, subject, value, bar, unit } of this.short) {
      console.log(`  short  ${name}${subject ? `, ${subject}` : ''}: ${value.toFixed(2)}, bar ${bar} (${unit})`);
    }
  }
}
