/**
 * "Mastering Redis Clustering: A Comprehensive Guide": a configuration on one line, six servers from one folder, a
 * cluster, its clients, a reshard, a failover by hand, and the questions at its end.
 *
 * Two of its steps fail on Redis, too, and are followed to see that they fail in the same words, with a hint: the
 * configuration as it stands (one line), and six servers that all call their file nodes.conf in one folder.
 */
import { expect, expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { needPython, throughPython } from '../cluster/keys.mjs';
import { converse } from '../cluster/managed.mjs';
import { atDesk, createCluster, isReplicaOf, typed } from './desk.mjs';

const SIX = [7000, 7001, 7002, 7003, 7004, 7005];
const PLACES = ['master/1', 'master/2', 'master/3', 'replica/1', 'replica/2', 'replica/3'];
const ALONE = 7006;
const WAIT_MS = 60_000;
const LINES = ['cluster-enabled yes', 'cluster-config-file nodes.conf', 'cluster-node-timeout 5000', 'appendonly yes'];

export async function proveGuide(checks, kind) {
  checks.heading('"Mastering Redis Clustering: A Comprehensive Guide"');
  needPython();
  await atDesk(kind, [...SIX, ALONE], async (desk) => {
    await configuring(checks, desk, kind);
    if (!(await checks.check('Starting: each from a folder of its own, six servers run', () => start(desk)))) return;
    await checks.check('Creating: --cluster create --cluster-replicas 1', () => create(desk));
    await using(checks, desk);
    await checks.check('Resharding: cluster nodes, then the prompts of reshard', () => reshard(desk));
    await checks.check('Failover: CLUSTER FAILOVER at 7003 makes it a master, and its master a slave', () =>
      failover(desk),
    );
    await questions(checks, desk);
  });
}

async function configuring(checks, desk, kind) {
  await checks.check('Configuring: mkdir -p redis-cluster/{master,replica}/{1,2,3}', async () => {
    expectSame(
      (await desk.type('mkdir -p redis-cluster/{master,replica}/{1,2,3}; ls redis-cluster/*')).code,
      0,
      'mkdir',
    );
  });
  await checks.check('Configuring: all on one line, as it stands, is refused with the line and a hint', async () => {
    desk.file('one-line.conf', [`port 7000 ${LINES.join(' ')}`]);
    const { code, all } = await desk.type('redis-server ./one-line.conf');
    expectSame(code, 1, all);
    expectMatch(
      all,
      /\*\*\* FATAL CONFIG FILE ERROR \(Redis 7\.0\.15\) \*\*\*\nReading the configuration file, at line 1\n/,
      'it',
    );
    if (kind === 'ours') expectMatch(all, /line/i, 'the hint');
  });
  await checks.check('Starting: two from one folder with one nodes.conf: the second one is told', async () => {
    for (const [i, place] of PLACES.entries())
      desk.file(`redis-cluster/${place}/redis.conf`, [`port ${SIX[i]}`, ...LINES]);
    const first = desk.terminal('redis-server ./redis-cluster/master/1/redis.conf');
    await desk.answers(7000);
    const { code, all } = await desk.type('redis-server ./redis-cluster/master/2/redis.conf');
    expectSame(code, 1, all);
    expectMatch(
      all,
      /Sorry, the cluster configuration file nodes\.conf is already used by a different Redis Cluster node/,
      'it',
    );
    await desk.end(7000);
    expectSame(await first.ended, 0, 'exit code of the first');
  });
}

/** What the text must have meant: nodes.conf is looked for where the server was started. */
async function start(desk) {
  for (const place of PLACES) desk.terminal('redis-server ./redis.conf', `redis-cluster/${place}`);
  await desk.allAnswer(SIX);
  for (const place of PLACES)
    expect(desk.read(`redis-cluster/${place}/nodes.conf`) !== '', `no nodes.conf in ${place}`);
}

async function create(desk) {
  expectMatch(
    (await desk.type('redis-cli --cluster create --cluster-replicas 1')).all,
    /\[ERR\] Wrong number of arguments/,
    'as it stands',
  );
  await createCluster(desk, SIX);
}

async function using(checks, desk) {
  await checks.check('Using redis-cli: set foo "bar" and get foo are redirected to slot 12182', async () => {
    const sent = `-> Redirected to slot [12182] located at 127.0.0.1:${desk.port(7002)}`;
    const call = 'redis-cli -c -h 127.0.0.1 -p 7000';
    expectSame((await typed(desk, call, ['set foo "bar"'])).text, [sent, 'OK'], 'set foo');
    expectSame((await typed(desk, call, ['get foo'])).text, [sent, 'bar'], 'get foo');
  });
  await checks.check('Using Python: a cluster client sets and gets (redis-py, which took redis-py-cluster in)', () =>
    throughPython(desk.port(7000), 50),
  );
}

async function reshard(desk) {
  const { out } = await desk.type('redis-cli -c -h 127.0.0.1 -p 7000 cluster nodes');
  const [from, to] = [7000, 7001].map(
    (port) => new RegExp(`^(\\S{40}) 127\\.0\\.0\\.1:${desk.port(port)}@`, 'm').exec(out)?.[1],
  );
  const answers = [
    ['How many slots do you want to move (from 1 to 16384)? ', 100],
    ['What is the receiving node ID? ', to],
    ['Source node #1: ', from],
    ['Source node #2: ', 'done'],
    ['Do you want to proceed with the proposed reshard plan (yes/no)? ', 'yes'],
  ];
  const { code, all, unasked } = await converse(['reshard', `127.0.0.1:${desk.port(7000)}`], answers);
  expectSame([code, unasked], [0, 0], `how it ended, and what it did not ask\n${all.slice(-600)}`);
  await desk.views(SIX, (rows) => rows.find(({ id }) => id === from)?.slots.join() === '100-5460');
}

async function failover(desk) {
  const [master, replica] = [(await desk.node(7003, 7003)).primary, await desk.id(7003)];
  await until(WAIT_MS, async () => /master_link_status:up/.test(await desk.ask(7003, 'info', 'replication')));
  expectSame((await typed(desk, 'redis-cli -h 127.0.0.1 -p 7003', ['CLUSTER FAILOVER'])).text, ['OK'], 'its answer');
  await desk.views(SIX, (rows) => isReplicaOf(replica)(rows.find(({ id }) => id === master)));
  expect((await desk.node(7000, 7003)).flags.includes('master'), 'no master at 7003');
}

async function questions(checks, desk) {
  await checks.check('Can I use it with a single node? All slots to one: cluster_state:ok', async () => {
    desk.file('alone/redis.conf', [`port ${ALONE}`, ...LINES]);
    desk.terminal('redis-server ./redis.conf', 'alone');
    await desk.answers(ALONE);
    expectSame((await desk.type(`redis-cli -p ${ALONE} cluster addslots {0..16383}`)).out.trim(), 'OK', 'addslots');
    await desk.info([ALONE], /cluster_state:ok/);
    expectSame(await desk.ask(ALONE, 'set', 'k', 'v'), 'OK', 'set k v');
  });
  await checks.check('How do I monitor it? CLUSTER INFO, CLUSTER NODES, INFO', async () => {
    expectMatch(await desk.ask(7000, 'cluster', 'info'), /^cluster_known_nodes:6\r?$/m, 'CLUSTER INFO');
    expectSame((await desk.nodes(7000)).length, 6, 'lines of CLUSTER NODES');
    expectMatch(await desk.ask(7000, 'info'), /^cluster_enabled:1\r?$/m, 'INFO');
  });
  await checks.check('How do I back it up? SAVE and BGSAVE write a dump that redis-check-rdb finds sound', async () => {
    for (const port of [7001, 7002]) expectSame(await desk.ask(port, 'save'), 'OK', `SAVE at ${port}`);
    expectSame(await desk.ask(7002, 'bgsave'), 'Background saving started', 'BGSAVE');
    await until(WAIT_MS, async () => /rdb_bgsave_in_progress:0/.test(await desk.ask(7002, 'info', 'persistence')));
    expectMatch(await desk.ask(7002, 'info', 'persistence'), /rdb_last_bgsave_status:ok/, 'INFO');
    const { code, all } = await desk.type('redis-check-rdb redis-cluster/master/3/dump.rdb');
    expectSame(code, 0, all);
  });
  await checks.check('How does it handle partitions? The side without a majority stops taking writes', async () => {
    await Promise.all([7001, 7002, 7003].map((port) => desk.end(port, 'SIGKILL')));
    const left = 7004; // a replica; and no primary but those three and what follows them is left
    await desk.info([left], /cluster_state:fail/);
    expectMatch(await desk.ask(left, 'get', 'foo'), /^CLUSTERDOWN /, 'get foo');
  });
}
