/**
 * Do the rules see anything? Each row breaks one rule of the production code, in a bundle of its own and never in the
 * tree; then seeds run until the simulator says so.
 *
 *   src/ ──esbuild, one text exchanged while it is read──▶ a temporary bundle ──▶ seed 1, 2, 3 … ──▶ caught by a rule
 *
 *   node test/sim/mutations.mjs                 all rows, up to 50 seeds each
 *   node test/sim/mutations.mjs vote psync      rows whose name contains one of these words
 *   node test/sim/mutations.mjs --from 51       other seeds
 *
 * Not a part of `npm test`: it runs some hundred worlds. The table is in docs/SIMULATOR.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SEEDS = 50;
/** A broken node may loop for ever. */
const LIMIT_MS = 40 * 60_000;

const ENTRY = `
  export { run } from './src/sim/run.ts';
  export { usualFor } from './src/sim/setting.ts';
  export { KNOWN_BUGS, playScenario } from './src/sim/scenarios/table.ts';
`;

/** Told to the child: which bundle, which seeds. */
const CHILD = '--child';

// biome-ignore format: a table
const MUTATIONS = [
  // name, file, this text, becomes that, and where seeds hardly come to it, the scenario
  ['second-vote',                'gossip/vote.ts',                        'voter.lastVoteEpoch >= voter.currentEpoch',      'false'],
  ['collision-stays',            'gossip/epochs.ts',                      '!mustMoveOn(state.me, sender)',                  'true'],
  ['psync-past-the-fork',        'replication/psync.ts',                  'offset > ours.secondEnd',                        'false'],
  ['vote-sent-before-saved',     'gossip/failover/voter.ts',              'turn.saveDurably(`a vote',                       'turn.save(`a vote'],
  ['candidacy-before-saved',     'gossip/failover/candidate.ts',          'turn.saveDurably(`a candidacy',                  'turn.save(`a candidacy'],
  ['fail-without-majority',      'gossip/members/failure.ts',             'agreeing < state.quorum()',                      'agreeing < 1'],
  ['fail-undone-at-once',        'gossip/members/failure.ts',             'state.slotCount(node) === 0',                    'true'],
  ['update-ignored',             'gossip/slot-claims.ts',                 '!node || node.inHandshake',                      'true || !node || node.inHandshake', 'redis-9548'],
  ['tie-of-claims-wins',         'gossip/slot-claims.ts',                 'claimEpoch > slot.owner.configEpoch',            'claimEpoch >= slot.owner.configEpoch'],
  ['overtaken-heartbeat',        'gossip/hearing.ts',                     'said.currentEpoch < member.heardEpoch',          'false'],
  ['one-vote-less',              'gossip/election.ts',                    "votes >= quorum) return { next: 'promote'",      "votes >= quorum - 1) return { next: 'promote'"],
  ['no-data-age-limit',          'gossip/election.ts',                    'ageMs > limitMs ?',                              'ageMs < 0 ?'],
  ['rank-ignored',               'gossip/failover/candidate.ts',          'node.replOffset > offset).length',               'node.replOffset > offset).length * 0'],
  ['minority-serves',            'gossip/members/coverage.ts',            'c.reachableVoters < quorum',                     'false'],
  ['sleeper-serves',             'gossip/members/coverage.ts',            "c.role === 'primary' && c.stall",                'false && c.stall'],
  ['importing-without-asking',   'slots/redirect.ts',                     '!request.asking',                                'false'],
  ['wait-counts-stale-acks',     'replication/primary.ts',                'feed.ackedOffset >= offset',                     'true'],
  ['same-history-after-rise',    'replication/history.ts',                'this.id = this.drawId();\n  }\n\n  /** All',     '}\n\n  /** All'],
  ['empty-primary-empties',      'gossip/failover/rescue.ts',             "if (keysHeld === 0)",                            "if (keysHeld >= 0)"],
  ['empty-heir-empties',         'gossip/failover/rescue.ts',             '!isForgetfulHeir(facts)',                        'true', 'empty-heir'],
  ['always-is-not-synced',       'node/persistence/aof/append-log.ts',    'monotonicMs();\n    try {',                       'monotonicMs();\n    if (since < 0) try {'],
  ['everysec-is-never',          'node/persistence/aof/append-log.ts',    'this.seconds > this.syncedAt',                   'false'],
  ['manifest-is-not-synced',     'node/persistence/aof/aof-folder.ts',    '() => files.sync(this.pathOf(temp))',            '() => {}'],
  ['orphan-stays-alone',         'gossip/failover/replica-migration.ts',  '!verdict.go',                                    'true'],
];

if (process.argv[2] === CHILD) await hunt(process.argv[3], Number(process.argv[4]), process.argv[5]);
else await proveAll(process.argv.slice(2));

/** In a process of its own: a scenario, or seeds until one of them breaks a rule. */
async function hunt(path, from, scenario) {
  const { run, usualFor, KNOWN_BUGS, playScenario } = await import(pathToFileURL(path).href);
  if (scenario !== undefined) {
    const { violation } = playScenario(KNOWN_BUGS.find(({ name }) => name === scenario)).world;
    return violation === null ? undefined : console.log(JSON.stringify({ seed: scenario, rule: violation.rule }));
  }
  for (let seed = from; seed < from + SEEDS; seed++) {
    const { violation } = run({ ...usualFor(seed), isTold: false });
    if (violation !== null) return console.log(JSON.stringify({ seed, rule: violation.rule }));
  }
}

async function proveAll(args) {
  const option = args.indexOf('--from');
  const from = option < 0 ? 1 : Number(args.splice(option, 2)[1]);
  const isWanted = ([name]) => args.length === 0 || args.some((word) => name.includes(word));
  const folder = mkdtempSync(join(tmpdir(), 'sextet-mutations-'));
  let failed = 0;
  const rows = MUTATIONS.filter(isWanted);
  for (const row of rows) {
    const bundle = join(folder, `${row[0]}.mjs`);
    await bundleWith(row, bundle);
    const found = caughtIn(bundle, from, row[4]);
    if (found.seed === null) failed++;
    const verdict =
      found.seed === null ? `NOT CAUGHT${found.rule}` : `${String(found.seed).padStart(10)}  ${found.rule}`;
    console.log(`${row[0].padEnd(26)} ${row[1].padEnd(38)} ${verdict}`);
  }
  rmSync(folder, { recursive: true });
  console.log(`${rows.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** The simulator with one text exchanged; nothing but the bundle is written. */
async function bundleWith([name, file, text, other], outfile) {
  const path = join(ROOT, 'src', file);
  const exchange = () => {
    const parts = readFileSync(path, 'utf8').split(text);
    if (parts.length !== 2) throw new Error(`${name}: ${file} has ${parts.length - 1} times "${text}"`);
    return { contents: parts.join(other), loader: 'ts' };
  };
  await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
    plugins: [
      {
        name,
        setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, (asked) => (asked.path === path ? exchange() : null)),
      },
    ],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    define: { SEXTET_VERSION: '"mutant"' },
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire('${pathToFileURL(ROOT)}/');`,
    },
    logLevel: 'warning',
  });
}

function caughtIn(bundle, from, scenario) {
  const args = [
    fileURLToPath(import.meta.url),
    CHILD,
    bundle,
    String(from),
    ...(scenario === undefined ? [] : [scenario]),
  ];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: LIMIT_MS });
  if (stdout !== '') return JSON.parse(stdout);
  return { seed: null, rule: signal !== null ? ': it does not end' : stderr === '' ? '' : `: ${stderr}` };
}
