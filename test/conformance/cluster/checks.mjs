/**
 * What a proof is made of: named checks that print `ok` or `failed`, and waits that end.
 *
 * A check that fails does not stop the proof, so that one run tells all that is wrong. A step without which nothing
 * after it makes sense (a server does not start) throws, and the proof ends there with one failed check.
 */

const WAIT_EVERY_MS = 50;
/** Of a longer line only so much is shown: a rebalance draws a `#` for each slot. */
const LINE_MAX = 300;

/** A check found something else than it should. The message says what. */
export class Unexpected extends Error {}

export class Checks {
  passed = 0;
  failed = 0;

  /** `say` takes the lines: proofs that run side by side print one after the other. */
  constructor(say = (line) => console.log(line)) {
    this.say = say;
  }

  heading(text) {
    this.say(`\n${text}`);
  }

  /** Runs one check; `run` throws, or returns a text to print behind the name, or nothing. */
  async check(name, run) {
    const begunAt = performance.now();
    try {
      const note = await run();
      this.passed++;
      const seconds = ((performance.now() - begunAt) / 1000).toFixed(1);
      this.say(`  ok      ${name} (${seconds} s)${typeof note === 'string' ? `: ${note}` : ''}`);
      return true;
    } catch (failure) {
      this.failed++;
      const text = failure instanceof Unexpected ? failure.message : (failure.stack ?? String(failure));
      this.say(`  failed  ${name}\n${indented(text)}`);
      return false;
    }
  }
}

/** @throws unless `holds`; `what` says what was found instead. */
export function expect(holds, what) {
  if (!holds) throw new Unexpected(what);
}

export function expectSame(found, expected, what) {
  const [a, b] = [found, expected].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  if (a !== b) throw new Unexpected(`${what}\nexpected: ${b}\nfound:    ${a}`);
}

export function expectMatch(text, pattern, what) {
  if (!pattern.test(text)) throw new Unexpected(`${what}: ${pattern} does not match\n${text}`);
}

/** Looks until `look` gives something true, and returns it. `describe` says what there was at the end. */
export async function until(limitMs, look, describe = () => '') {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Unexpected(`not within ${limitMs / 1000} s. ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, WAIT_EVERY_MS));
  }
}

function indented(text) {
  const lines = text.trimEnd().split('\n');
  return [...lines.slice(0, 30), ...(lines.length > 30 ? ['…'] : [])]
    .map((line) => `            ${line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line}`)
    .join('\n');
}
