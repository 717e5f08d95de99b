/**
 * Random stories of several clients, told to a redis-server and to ours: does everybody hear the same?
 *
 *   node test/conformance/differential/stories.mjs [--cases 300] [--length 25] [--seed 1] [--theme waiting,time]
 *
 * A story is a row of steps: one of two to four clients sends one to eight requests in one piece, then all is let
 * settle. Compared are the replies and messages of each client, keyspace events, a monitor, the streams of replicas and
 * of the append-only file, figures of INFO and the digest of what is left. A story that differs is told again, and
 * counts if it differs three times; the shortest that still does is shown. Ends with `N passed, N failed`.
 *
 * What may be said is in themes.mjs. `time` and `replies` are not among the themes of every day: the one takes naps,
 * and the other meets what docs/DIFFERENCES.md says of CLIENT REPLY and SUBSCRIBE.
 */
import { parseArgs } from 'node:util';
import { besideRedis, CONFIG, LIMITS } from './beside.mjs';
import { makeRequest, parseLine, Random } from './grammar.mjs';
import { Side } from './side.mjs';
import { poolsOf, THEMES } from './themes.mjs';

const SHOWN = 6;
const NAP_MS = 60;
const TELLINGS = 2;
const WRITTEN = {
  ...CONFIG,
  appendonly: 'yes',
  appendfsync: 'no',
  'auto-aof-rewrite-percentage': '0',
  'repl-diskless-sync-delay': '0',
  'repl-timeout': '3600',
  'repl-ping-replica-period': '3600',
};

const CHOICES = {
  ...LIMITS,
  'notify-keyspace-events': ['KEA', 'KEAnm', 'Kg', 'Exe$', 'Klgz', '', 'KEAnm', 'KEt', 'Eh'],
};

const { values: options } = parseArgs({
  options: {
    cases: { type: 'string', default: '300' },
    length: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    theme: { type: 'string', default: 'transactions,waiting,moves,changes,encodings,looks' },
  },
});

const trees = options.theme.split(',').map((name) => {
  if (!Object.hasOwn(THEMES, name)) throw new Error(`no theme "${name}"; there are ${Object.keys(THEMES).join(', ')}`);
  return THEMES[name].map(parseLine);
});
const pools = poolsOf('');

function makeStory(seed, dumps) {
  const random = new Random(seed);
  const lines = random.pick(trees);
  const config = Object.entries(CHOICES).map(([name, values]) => [name, random.pick(values)]);
  const clients = 2 + random.below(3);
  const filled = (arg) => (arg.equals(Buffer.from('@dump')) ? Buffer.from(random.pick(dumps), 'latin1') : arg);
  const steps = Array.from({ length: Number(options.length) }, () => {
    const count = random.below(2) === 0 ? 1 : 1 + random.below(6);
    const requests = Array.from({ length: count }, () => makeRequest(random.pick(lines), random, pools).map(filled));
    if (random.below(10) === 0) requests.splice(0, requests.length, [MULTI], ...requests, [EXEC]);
    return { client: random.below(clients), requests };
  });
  return timed({ seed, config, clients, steps });
}

const MULTI = Buffer.from('MULTI');
const EXEC = Buffer.from('EXEC');

/** Whoever may have said how long a key lives is followed by a nap in which it dies. */
function timed(story) {
  let dying = false;
  const says = ({ requests }, test) => requests.some((args) => args.some((arg) => test.test(arg.toString('latin1'))));
  const steps = story.steps.map((step) => {
    dying ||= says(step, /^40$/);
    return { ...step, napMs: dying && says(step, /^(40|EXEC)$/) ? NAP_MS : 0 };
  });
  return { ...story, steps, waits: steps.some((step) => says(step, /^B(L|R|Z)[A-Z]+$/i)) };
}

/** Where two tales part, or null. */
function parting(story, a, b) {
  for (let at = 0; at < story.steps.length; at++)
    for (let who = 0; who < story.clients + 2; who++) {
      const [theirs, ours] = [a.heard[at][who], b.heard[at][who]];
      if (!same(theirs, ours) && !sameApart(theirs, ours))
        return { at, what: ['listener', 'monitor'][who - story.clients] ?? `client ${who}`, theirs, ours };
    }
  const what = ['after', 'stream', 'aof', 'digest', 'figures', 'changes'].find((name) => !same(a[name], b[name]));
  return what === undefined ? null : { at: story.steps.length, what, theirs: a[what], ours: b[what] };
}

function same(x, y) {
  if (Array.isArray(x) && Array.isArray(y)) return x.length === y.length && x.every((part, i) => same(part, y[i]));
  return x === y || (typeof x === 'string' && typeof y === 'string' && areNear(x, y));
}

/** Moments, and long spans of time, by two clocks. */
function areNear(x, y) {
  const [a, b] = [x, y].map((text) => (/^[:$]?\d{5,14}$/.test(text) ? Number(text.replace(/\D/, '')) : Number.NaN));
  return Math.abs(a - b) <= 3000 && Math.max(a, b) > 50_000;
}

/** Messages of RESP3 may stand on the other side of a reply. */
function sameApart(x, y) {
  const isPush = (part) => part[0] === '>';
  const apart = (all) => [all.filter(isPush), all.filter((part) => !isPush(part))];
  return x.some(isPush) && same(apart(x), apart(y));
}

async function compare(sides, story) {
  const [a, b] = await Promise.all(sides.map((side) => side.tell(story)));
  return parting(story, a, b);
}

/** What differs each time, at the same ear. */
async function surely(sides, story, what) {
  let found = null;
  for (let i = 0; i < TELLINGS; i++) {
    found = await compare(sides, story);
    if (found?.what !== what) return null;
  }
  return found;
}

async function shorten(sides, story, found) {
  let kept = { ...story, steps: story.steps.slice(0, found.at + 1) };
  let last = found;
  for (let size = kept.steps.length; size >= 1; size = Math.floor(size / 2))
    for (let at = kept.steps.length - size; at > -size; at -= size) {
      const tried = timed({ ...kept, steps: kept.steps.filter((_, i) => i < at || i >= at + size) });
      const still = await surely(sides, tried, found.what);
      if (still !== null) [kept, last] = [tried, still];
    }
  return [kept, last];
}

function report(story, { what, theirs, ours }) {
  const words = (arg) => (arg.length > 80 ? `<${arg.length} bytes>` : JSON.stringify(arg.toString('latin1')));
  console.log(`\nseed ${story.seed}, ${what}: ${story.config.map(([, value]) => value).join(' ')}`);
  for (const { client, requests } of story.steps)
    console.log(`  ${client}: ${requests.map((args) => args.map(words).join(' ')).join(' ; ')}`);
  console.log(`  redis ${JSON.stringify(theirs).slice(0, 900)}`);
  console.log(`  ours  ${JSON.stringify(ours).slice(0, 900)}`);
}

const counts = { passed: 0, failed: 0 };

async function runStory(sides, story) {
  const first = await compare(sides, story);
  const found = first === null ? null : await surely(sides, story, first.what);
  if (found === null) return void counts.passed++;
  counts.failed++;
  if (counts.failed <= SHOWN) report(...(await shorten(sides, story, found)));
}

await besideRedis(WRITTEN, async (servers) => {
  const sides = await Promise.all(servers.map(Side.of));
  const [dumps] = await Promise.all(sides.map((side) => side.dumps()));
  for (let i = 0; i < Number(options.cases); i++) await runStory(sides, makeStory(Number(options.seed) + i, dumps));
  return counts;
});
