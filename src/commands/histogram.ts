/**
 * How long calls of one command took, with two exact digits from a nanosecond to a second.
 *
 *   place   0 … 255     │ 256 … 383        │ 384 … 511         │ …
 *   time    0 … 255 ns  │ 256 … 511, by 2  │ 512 … 1023, by 4  │ each octave in 128 steps, as HdrHistogram has it
 *
 * So percentiles and the sums of LATENCY HISTOGRAM fall on the same borders as in Redis. 12 KiB a command that ran.
 *
 * HOT: `record`.
 */

const MAX_NS = 1_000_000_000;
/** Steps of an octave, as a power of two. */
const STEP_BITS = 7;
const STEPS = 1 << STEP_BITS;
const PLACES = placeOf(MAX_NS) + 1;
/** The first sum of LATENCY HISTOGRAM: 1024 ns, then twice that, and so on. */
const FIRST_SUM_BITS = 10;

function shiftOf(ns: number): number {
  return ns < STEPS * 2 ? 0 : 31 - STEP_BITS - Math.clz32(ns);
}

function placeOf(ns: number): number {
  const shift = shiftOf(ns);
  return (shift << STEP_BITS) + (ns >>> shift);
}

/** The first and the last time, in ns, that count in a place. */
function timesOf(place: number): readonly [first: number, last: number] {
  const shift = place < STEPS * 2 ? 0 : (place >> STEP_BITS) - 1;
  const first = (place - (shift << STEP_BITS)) * 2 ** shift;
  return [first, first + 2 ** shift - 1];
}

export interface Sum {
  /** In whole microseconds. */
  readonly upTo: number;
  readonly calls: number;
}

export class Histogram {
  total = 0;
  private readonly counts = new Uint32Array(PLACES);

  /** So many calls took that long each. */
  record(micros: number, calls: number): void {
    const ns = micros * 1000;
    this.counts[placeOf(ns < MAX_NS ? ns | 0 : MAX_NS)] += calls;
    this.total += calls;
  }

  /** The time, in ns, that so many percent of the calls did not pass. */
  atPercentile(percent: number): number {
    const wanted = Math.max(1, Math.floor((Math.min(percent, 100) / 100) * this.total + 0.5));
    let calls = 0;
    let place = 0;
    while (place < PLACES - 1 && (calls += this.counts[place]) < wanted) place++;
    const [first, last] = timesOf(place);
    return percent === 0 ? first : last;
  }

  /** How many calls took up to 1, 2, 4, … microseconds, where that is more than up to the one before. */
  sums(): Sum[] {
    const sums: Sum[] = [];
    let calls = 0;
    let place = 0;
    for (let bits = FIRST_SUM_BITS; calls < this.total; bits++) {
      const border = placeOf(Math.min(2 ** bits, MAX_NS));
      const before = calls;
      for (; place <= border; place++) calls += this.counts[place];
      if (calls > before) sums.push({ upTo: Math.floor(timesOf(border)[1] / 1000), calls });
    }
    return sums;
  }
}
