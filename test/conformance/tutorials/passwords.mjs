/**
 * "All About Redis Cluster: Architecture, Setup, Operations, and High-Availability": six nodes with a password, made a
 * cluster by redis-cli, one failover, one shard lost as a whole, and a slave added to a chosen master.
 *
 * Steps carry the numbers of the text. In 8 it stops behind `--cluster-master-id`: the id that belongs there is put in.
 */
import { expect, expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { atDesk, createCluster, isReplicaOf, typed } from './desk.mjs';

const SIX = [7000, 7001, 7002, 7003, 7004, 7005];
const WAIT_MS = 60_000;
const CHOSEN = '--cluster-slave --cluster-master-id';

export async function provePasswords(checks, kind) {
  checks.heading('"All About Redis Cluster: Architecture, Setup, Operations, and High-Availability"');
  await atDesk(kind, SIX, async (desk) => {
    desk.password = '123456';
    if (!(await checks.check('4 six folders, six times ./redis-server … &', () => start(desk, SIX)))) return;
    await checks.check('4 pidfile and logfile are there; without the password nothing is answered', () => files(desk));
    await checks.check('5 redis-cli --cluster create … -a 123456', () => createCluster(desk, SIX));
    await checks.check('5 a slave for each master, with its data', () => linked(desk, SIX));
    await checks.check('6 redis-cli -c -a 123456: SET and GET are redirected', () => keys(desk));
    await highAvailability(checks, desk);
    await chosenMaster(checks, desk);
  });
}

async function start(desk, ports) {
  await desk.type(`ln -sf '${desk.server}' redis-server`);
  for (const port of ports) {
    desk.file(`cluster-test/${port}/redis.conf`, [
      `port ${port}`,
      'cluster-enabled yes',
      `cluster-config-file nodes-${port}.conf`,
      'cluster-node-timeout 5000',
      `dbfilename "dump-${port}.rdb"`,
      'protected-mode no',
      `logfile "logfile-${port}.log"`,
      'requirepass 123456',
      'masterauth 123456',
      `pidfile "redis_${port}.pid"`,
    ]);
    await restart(desk, port);
  }
  await desk.allAnswer(ports);
}

/** Into the background of a shell that is left: the server lives on. */
async function restart(desk, port) {
  const { code, all } = await desk.type(`./redis-server ./cluster-test/${port}/redis.conf > /dev/null 2>&1 &`);
  expectSame(code, 0, all);
}

async function files(desk) {
  for (const port of SIX) {
    expectMatch(desk.read(`logfile-${port}.log`), /\* Ready to accept connections$/m, `the log of ${port}`);
    expectSame(desk.read(`redis_${port}.pid`).trim(), String(desk.started.get(port)), `the pid file of ${port}`);
    expectMatch((await desk.type(`redis-cli -p ${port} get k`)).out, /^NOAUTH Authentication required\./, 'get k');
  }
}

async function linked(desk, ports) {
  for (const port of ports) {
    const row = () => desk.node(port, port);
    if ((await row()).flags.includes('master')) continue;
    await until(WAIT_MS, async () => /master_link_status:up/.test(await desk.ask(port, 'info', 'replication')));
  }
}

async function keys(desk) {
  const { text } = await typed(desk, 'redis-cli -c -a 123456 -h 127.0.0.1 -p 7000', [
    'set foo bar',
    'set k v',
    'get foo',
  ]);
  const sent = text.filter((line) => line.startsWith('-> Redirected to slot ['));
  expectMatch(
    sent[0],
    new RegExp(`^-> Redirected to slot \\[12182\\] located at 127.0.0.1:${desk.port(7002)}$`),
    'foo',
  );
  expectSame(
    text.filter((line) => !sent.includes(line)),
    ['OK', 'OK', 'bar'],
    'answers',
  );
}

async function highAvailability(checks, desk) {
  const primary = await desk.id(7000);
  const heir = (await desk.nodes(7001)).find(isReplicaOf(primary));
  const port = Number(/:(\d+)@/.exec(heir?.address ?? '')?.[1]) - desk.distance;
  const rest = SIX.filter((one) => one !== 7000);
  await checks.check('7 master 7000 is shut down: its slave becomes a master', async () => {
    await desk.end(7000);
    await until(WAIT_MS, async () => (await desk.node(port, port)).flags.includes('master'));
    await desk.info(rest, /cluster_state:ok/);
    return `it was ${port}`;
  });
  await checks.check('7 restarted, 7000 is a slave', async () => {
    await restart(desk, 7000);
    await desk.answers(7000);
    await desk.views(SIX, (rows) => isReplicaOf(heir.id)(rows.find(({ id }) => id === primary)));
    await linked(desk, SIX);
  });
  await checks.check('7 both stopped: cluster_state:fail, and commands are refused', async () => {
    await Promise.all([desk.end(7000), desk.end(port)]);
    const left = rest.filter((one) => one !== port);
    await desk.info(left, /cluster_state:fail/);
    expectMatch(await desk.ask(left[0], 'get', 'k'), /^CLUSTERDOWN /, 'get k');
  });
}

/** A cluster anew, as the text says: three masters first. */
async function chosenMaster(checks, desk) {
  await checks.check('8 three nodes without slaves', async () => {
    await desk.clear();
    await desk.type('rm -rf cluster-test nodes-*.conf dump-*.rdb');
    await start(desk, SIX.slice(0, 4));
    await createCluster(desk, [7000, 7001, 7002]);
  });
  await checks.check('8 add-node … --cluster-slave --cluster-master-id: a slave of the chosen master', async () => {
    const master = await desk.id(7002);
    const { code, all } = await desk.type(
      `redis-cli --cluster add-node -a 123456 127.0.0.1:7003 127.0.0.1:7001 ${CHOSEN} ${master}`,
    );
    expectSame(code, 0, all);
    expectMatch(all, /\[OK\] New node added correctly\./, 'its last words');
    await desk.views([7000, 7001, 7002, 7003], (rows) => rows.some(isReplicaOf(master)));
    await linked(desk, [7003]);
    expect(/slave/.test(await desk.ask(7001, 'cluster', 'nodes')), 'cluster nodes shows no slave');
  });
}
