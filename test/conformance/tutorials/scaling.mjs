/**
 * "Step-by-Step Guide to Building and Scaling a Redis Cluster": six nodes in the background, met and given their slots
 * by hand, a failover, then a fourth shard in and out again. Steps carry the numbers of the text.
 *
 * Its list of meetings names 6381 twice, 6382 where nobody listens yet, and 6479 and 6481 not at all: typed as it
 * stands, and then what it must have meant. In between it shows all six as masters.
 */
import { expect, expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { converse } from '../cluster/managed.mjs';
import { atDesk, isReplicaOf, typed } from './desk.mjs';

const SIX = [6379, 6380, 6381, 6479, 6480, 6481];
const PAIRS = [
  [6479, 6379],
  [6480, 6380],
  [6481, 6381],
];
const RANGES = ['0-5000', '5001-10000', '10001-16383'];
const WAIT_MS = 60_000;

export async function proveScaling(checks, kind) {
  checks.heading('"Step-by-Step Guide to Building and Scaling a Redis Cluster"');
  await atDesk(kind, [...SIX, 6382, 6482], async (desk) => {
    if (!(await checks.check('1.1 start nodes: six config files, six background processes', () => start(desk, SIX))))
      return;
    await checks.check('1.1 ps -aux | grep redis shows each with [cluster]', () => seen(desk));
    await handshake(checks, desk);
    await slots(checks, desk);
    await checks.check('1.4 cluster replicate: three masters, three slaves', () => replicate(desk));
    await commands(checks, desk);
    await failover(checks, desk);
    await grow(checks, desk);
    await shrink(checks, desk);
  });
}

async function start(desk, ports) {
  for (const port of ports) {
    desk.file(`redis_${port}_cluster.conf`, [
      `# redis_${port}_cluster.conf`,
      `port ${port}`,
      'cluster-enabled yes',
      `cluster-config-file "node-${port}.conf"`,
      `logfile "redis-server-${port}.log"`,
      `dbfilename "dump-${port}.rdb"`,
      'daemonize yes',
    ]);
    const { code, all } = await desk.type(`redis-server redis_${port}_cluster.conf`);
    expectSame(code, 0, all);
    await desk.answers(port);
    expect(desk.read(`node-${port}.conf`).includes('myself'), `no node-${port}.conf`);
    expectMatch(desk.read(`redis-server-${port}.log`), /\* Ready to accept connections$/m, 'its log file');
  }
}

async function seen(desk) {
  const { out } = await desk.type('ps -aux | grep redis; ps -aux | grep -- -server');
  for (const port of SIX)
    expectMatch(out, new RegExp(`-server 127\\.0\\.0\\.1:${desk.port(port)} \\[cluster\\]`), 'ps');
}

async function handshake(checks, desk) {
  await checks.check('1.2 CLUSTER NODES of a lone node: ":6379@16379 myself,master - 0 0 0 connected"', async () => {
    const [port, bus] = [desk.port(6379), desk.port(6379) + 10_000];
    const line = new RegExp(`^[0-9a-f]{40} :${port}@${bus} myself,master - 0 0 0 connected$`);
    expectMatch(await desk.ask(6379, 'cluster', 'nodes'), line, 'the line');
  });
  await checks.check('1.2 CLUSTER MEET as listed, one twice and one where nobody is: OK each time', async () => {
    const met = [6380, 6381, 6480, 6381, 6382];
    const { text } = await typed(
      desk,
      'redis-cli -p 6379 -c',
      met.map((port) => `CLUSTER MEET 127.0.0.1 ${port}`),
    );
    expectSame(text, Array(5).fill('OK'), 'answers');
  });
  await checks.check('1.2 the two that the list forgot; then all six are masters, in epochs of their own', async () => {
    for (const port of [6479, 6481])
      expectSame((await desk.type(`redis-cli -p 6379 CLUSTER MEET 127.0.0.1 ${port}`)).out.trim(), 'OK', `${port}`);
    const line = /^[0-9a-f]{40} 127\.0\.0\.1:\d+@\d+ (myself,)?master - \d+ \d+ \d+ connected$/;
    await desk.views(SIX, (rows) => {
      const met = rows.filter(({ flags }) => !flags.includes('handshake')); // 6382, until its time is over
      const epochs = new Set(met.map(({ epoch }) => epoch));
      return met.length === 6 && epochs.size === 6 && met.every((row) => line.test(row.line));
    });
  });
}

async function slots(checks, desk) {
  await checks.check('1.3 cluster addslots {0..5000}, {5001..10000}, {10001..16383}', async () => {
    for (const [i, port] of [6379, 6380, 6381].entries()) {
      const { out } = await desk.type(`redis-cli -p ${port} cluster addslots {${RANGES[i].replace('-', '..')}}`);
      expectSame(out.trim(), 'OK', `at ${port}`);
    }
  });
  await checks.check('1.3 the view shows the slots; CLUSTER INFO: ok, 16384 assigned, 16384 ok', async () => {
    await desk.info(SIX, /cluster_state:ok\r?\ncluster_slots_assigned:16384\r?\ncluster_slots_ok:16384/);
    for (const [i, port] of [6379, 6380, 6381].entries())
      expectSame((await desk.node(6379, port)).slots, [RANGES[i]], `slots of ${port}`);
  });
}

async function replicate(desk) {
  for (const [replica, primary] of PAIRS) {
    const { out } = await desk.type(`redis-cli -p ${replica} cluster replicate ${await desk.id(primary)}`);
    expectSame(out.trim(), 'OK', `at ${replica}`);
  }
  const ids = await Promise.all(PAIRS.map(([, primary]) => desk.id(primary)));
  await desk.views(SIX, (rows) => ids.every((id) => rows.some(isReplicaOf(id))));
}

async function commands(checks, desk) {
  const sent = (slot, port) => `-> Redirected to slot [${slot}] located at 127.0.0.1:${desk.port(port)}`;
  await checks.check('1.5 CLUSTER KEYSLOT name is 5798', async () => {
    expectSame((await typed(desk, 'redis-cli -p 6379 -c', ['CLUSTER KEYSLOT name'])).text, ['5798'], 'its slot');
  });
  await checks.check('1.5 set name huey and get fruits are redirected as shown', async () => {
    await desk.type('redis-cli -c -p 6381 set fruits apple');
    const { text } = await typed(desk, 'redis-cli -p 6379 -c', ['set name huey', 'get fruits']);
    expectSame(text, [sent(5798, 6380), 'OK', sent(14943, 6381), 'apple'], 'what it printed');
  });
  await checks.check('1.5 a slave answers KEYS *, and redirects get name to its master', async () => {
    await until(WAIT_MS, async () => (await desk.ask(6480, 'keys', '*')) === 'name');
    const { text } = await typed(desk, 'redis-cli -p 6480 -c', ['KEYS *', 'get name']);
    expectSame(text, ['name', sent(5798, 6380), 'huey'], 'what it printed');
  });
}

async function failover(checks, desk) {
  await checks.check('1.6 a master goes down: its slave takes over, and the log tells it', async () => {
    await desk.end(6379, 'SIGKILL');
    const rest = SIX.filter((port) => port !== 6379);
    await until(WAIT_MS, async () => (await desk.node(6479, 6479))?.flags.includes('master'));
    await desk.info(rest, /cluster_state:ok/);
    const log = desk.read('redis-server-6479.log');
    const stamp = String.raw`^\d+:[SM] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}`;
    expectMatch(log, new RegExp(`${stamp} # Cluster state changed: ok$`, 'm'), 'the log of the winner');
    const logs = rest.map((port) => desk.read(`redis-server-${port}.log`)).join('\n');
    expectMatch(logs, new RegExp(`${stamp} \\* FAIL message received from [0-9a-f]{40} about `, 'm'), 'the logs');
  });
  await checks.check('1.6 the original master recovers, and is a slave of the new one', async () => {
    expectSame((await desk.type('redis-server redis_6379_cluster.conf')).code, 0, 'its start');
    await desk.answers(6379);
    const winner = await desk.id(6479);
    await desk.views(SIX, (rows) =>
      isReplicaOf(winner)(rows.find(({ address }) => address.includes(`:${desk.port(6379)}@`))),
    );
  });
}

async function grow(checks, desk) {
  await checks.check('2 two more nodes, and redis-cli --cluster add-node for each', async () => {
    await start(desk, [6382, 6482]);
    for (const port of [6382, 6482]) {
      const { code, all } = await desk.type(`redis-cli --cluster add-node 127.0.0.1:${port} 127.0.0.1:6379`);
      expectSame(code, 0, all);
      expectMatch(all, /\[OK\] New node added correctly\./, 'its last words');
      await desk.views(SIX, (rows) => rows.some(({ address }) => address.includes(`:${desk.port(port)}@`)));
    }
  });
  await checks.check('2 reshard: its questions, 4096 slots, to the new master, from all', async () => {
    const took = await reshard(desk, 4096, await desk.id(6382), ['all']);
    expectSame(await slotCount(desk, 6382), 4096, 'slots of the new master');
    return took;
  });
  await checks.check('2 cluster replicate at the second new node', async () => {
    const primary = await desk.id(6382);
    expectSame((await desk.type(`redis-cli -p 6482 cluster replicate ${primary}`)).out.trim(), 'OK', 'its answer');
    await desk.views([...SIX, 6382], (rows) => rows.some(isReplicaOf(primary)));
  });
}

async function reshard(desk, count, to, sources) {
  const answers = [
    ['How many slots do you want to move (from 1 to 16384)? ', count],
    ['What is the receiving node ID? ', to],
    ...sources.map((source, i) => [`Source node #${i + 1}: `, source]),
    ['Do you want to proceed with the proposed reshard plan (yes/no)? ', 'yes'],
  ];
  const { code, all, unasked } = await converse(['reshard', `127.0.0.1:${desk.port(6479)}`], answers);
  expectSame([code, unasked], [0, 0], `how it ended, and what it did not ask\n${all.slice(-600)}`);
  return `${all.match(/^Moving slot \d+ from /gm)?.length} slots`;
}

async function slotCount(desk, port) {
  const { slots } = await desk.node(port, port);
  return slots.reduce((sum, range) => {
    const [first, last = first] = range.split('-').map(Number);
    return sum + last - first + 1;
  }, 0);
}

async function shrink(checks, desk) {
  await checks.check('2 the slots move away again', async () => {
    const source = await desk.id(6382);
    await reshard(desk, 4096, await desk.id(6380), [source, 'done']);
    expectSame(await slotCount(desk, 6382), 0, 'slots of the one that goes');
  });
  await checks.check('2 del-node of the slave, then of the emptied master', async () => {
    for (const port of [6482, 6382]) {
      const { code, all } = await desk.type(`redis-cli --cluster del-node 127.0.0.1:${port} ${await desk.id(port)}`);
      expectSame(code, 0, all);
      await desk.views(SIX, (rows) => !rows.some(({ address }) => address.includes(`:${desk.port(port)}@`)));
    }
    const { text } = await typed(desk, 'redis-cli -p 6381 -c', ['get name', 'get fruits']);
    expectSame(
      text.filter((line) => !line.startsWith('->')),
      ['huey', 'apple'],
      'the keys',
    );
    expectMatch(
      (await desk.type('redis-cli --cluster check 127.0.0.1:6379')).all,
      /\[OK\] All 16384 slots covered\./,
      'check',
    );
  });
}
