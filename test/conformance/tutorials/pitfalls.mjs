/**
 * The short text of tables (the "native horizontal scaling" one): a configuration per node, one create, ioredis, a
 * fourth master, hash tags; the addresses 10.0.0.1 to 10.0.0.6 are 127.0.0.1 here.
 *
 * It has two traps. The comment behind `protected-mode no` is a parse error in Redis: the same words, and a hint. And
 * requirepass without masterauth makes a cluster that looks well and whose replicas never get any data: so it must be
 * here, too, loud in the log, named in INFO and by `sextet doctor`, whose cure is then tried.
 */
import { join } from 'node:path';
import { PROJECT } from '../../../bench/servers.mjs';
import { expect, expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { converse } from '../cluster/managed.mjs';
import { run } from '../cluster/nodes.mjs';
import { atDesk, createCluster, typed } from './desk.mjs';

const SIX = [7000, 7001, 7002, 7003, 7004, 7005];
const WAIT_MS = 60_000;
const COMMENTED = 'protected-mode no # for intra-cluster (use firewall + requirepass)';
const LINES = [
  'cluster-enabled yes',
  'cluster-config-file nodes.conf',
  'cluster-node-timeout 5000',
  'appendonly yes',
  'protected-mode no',
  'requirepass strongpass',
];

export async function provePitfalls(checks, kind) {
  checks.heading('"Redis Cluster — native horizontal scaling for Redis"');
  await atDesk(kind, [...SIX, 7006], async (desk) => {
    desk.password = 'strongpass';
    await checks.check('redis.conf: the comment behind protected-mode is refused with its line, and a hint', () =>
      refused(desk, kind),
    );
    if (!(await checks.check('redis.conf without it: six nodes run', () => start(desk, SIX)))) return;
    await checks.check('Create cluster CLI: create … -a strongpass', () => createCluster(desk, SIX));
    await checks.check('redis-cli -p 7000 cluster info → cluster_state:ok', () => desk.info(SIX, /cluster_state:ok/));
    await trap(checks, desk, kind);
    await checks.check('ioredis cluster client: two of the nodes and the password, then set', () =>
      throughIoredis(desk),
    );
    await checks.check('Hash tags: user:1:name and user:1:email apart, {user:1}:… together', () => tags(desk));
    await grow(checks, desk);
  });
}

async function refused(desk, kind) {
  desk.file('commented.conf', ['port 7000', ...LINES.slice(0, 4), COMMENTED, LINES[5]]);
  const { code, all } = await desk.type('redis-server ./commented.conf');
  expectSame(code, 1, all);
  expectMatch(all, /\nReading the configuration file, at line 6\n/, 'it');
  expect(all.includes(`>>> '${COMMENTED}'\nwrong number of arguments`), all);
  if (kind === 'ours') expectMatch(all, /comment needs a line of its own/, 'the hint');
}

async function start(desk, ports) {
  for (const port of ports) {
    desk.file(`${port}/redis.conf`, [`port ${port}`, ...LINES]);
    desk.terminal('redis-server redis.conf > log.txt', desk.here(String(port)));
  }
  await desk.allAnswer(ports);
}

async function trap(checks, desk, kind) {
  const replicas = [7003, 7004, 7005];
  const link = async (port) => /master_link_status:(\w+)/.exec(await desk.ask(port, 'info', 'replication'))?.[1];
  await checks.check('the trap, no masterauth: replicas never sync, and the log says why', async () => {
    await until(WAIT_MS, async () => (await Promise.all(replicas.map(link))).every((state) => state === 'down'));
    for (const port of replicas)
      await until(
        WAIT_MS,
        () => /NOAUTH Authentication required/.test(desk.read(`${port}/log.txt`)),
        () => desk.read(`${port}/log.txt`).slice(-800),
      );
  });
  if (kind === 'ours') {
    await checks.check('the trap is named in INFO', async () => {
      for (const port of replicas)
        expectMatch(await desk.ask(port, 'info', 'replication'), /^master_link_error:.*NOAUTH/m, `INFO of ${port}`);
    });
  }
  await checks.check('sextet doctor names it, with its cure', async () => {
    const { code, out } = await doctor(desk);
    expectSame(code, 1, out);
    expectMatch(out, /has requirepass but no masterauth/, 'it');
    expectMatch(out, /do: CONFIG SET masterauth <the same password>, then CONFIG REWRITE/, 'it');
  });
  await checks.check(
    'the cure helps: CONFIG SET masterauth, CONFIG REWRITE, and all replicas have their data',
    async () => {
      for (const port of SIX) {
        expectSame(await desk.ask(port, 'config', 'set', 'masterauth', 'strongpass'), 'OK', `CONFIG SET at ${port}`);
        expectSame(await desk.ask(port, 'config', 'rewrite'), 'OK', `CONFIG REWRITE at ${port}`);
        expectMatch(desk.read(`${port}/redis.conf`), /^masterauth "?strongpass"?$/m, 'redis.conf');
      }
      await until(WAIT_MS, async () => (await Promise.all(replicas.map(link))).every((state) => state === 'up'));
      await until(WAIT_MS, async () => (await doctor(desk)).code === 0);
    },
  );
}

function doctor(desk) {
  const words = ['doctor', '--port', String(desk.port(7000)), '--password', 'strongpass', '--no-color'];
  return run(process.execPath, [join(PROJECT, 'bin/sextet.js'), ...words]);
}

/** The program of the text, with the ports of here, run where the package is installed. */
async function throughIoredis(desk) {
  const program = `
    const Redis = require('ioredis');
    const cluster = new Redis.Cluster([
      { host: '127.0.0.1', port: 7000 },
      { host: '127.0.0.1', port: 7001 },
      // only need a few — rest discovered
    ], { redisOptions: { password: 'strongpass' } });
    (async () => {
      await cluster.set('key', 'value');
      console.log(await cluster.get('key'), cluster.nodes('master').length);
      cluster.disconnect();
    })();`;
  const { code, all } = await run(process.execPath, ['-e', desk.here(program)], { cwd: PROJECT });
  expectSame([code, all.trim()], [0, 'value 3'], 'what it printed');
}

async function tags(desk) {
  const slot = (key) => desk.ask(7000, 'cluster', 'keyslot', key);
  expectSame(await Promise.all(['user:1:name', 'user:1:email'].map(slot)), ['12440', '6268'], 'slots without tags');
  expectSame(await Promise.all(['{user:1}:name', '{user:1}:email'].map(slot)), ['10778', '10778'], 'slots with tags');
  const lines = [
    'SET user:1:name alice',
    'SET user:1:email a@e.com',
    'SET {user:1}:name alice',
    'SET {user:1}:email a@e.com',
  ];
  const together = ['MULTI', 'GET {user:1}:name', 'GET {user:1}:email', 'EXEC'];
  const apart = ['MGET user:1:name user:1:email'];
  const { text } = await typed(desk, 'redis-cli -c -p 7000 -a strongpass', [...lines, ...together, ...apart]);
  const answers = text.filter((line) => !line.startsWith('->'));
  expectSame(answers.slice(0, 4), Array(4).fill('OK'), 'SET');
  expectSame(answers.slice(-3, -1), ['alice', 'a@e.com'], 'EXEC of two keys in one slot');
  expectMatch(answers.at(-1), /CROSSSLOT Keys in request don't hash to the same slot/, 'MGET of two slots');
}

async function grow(checks, desk) {
  await checks.check('Add new master: add-node new:7006 existing:7000', async () => {
    await start(desk, [7006]);
    const { code, all } = await desk.type('redis-cli --cluster add-node 127.0.0.1:7006 127.0.0.1:7000 -a strongpass');
    expectSame(code, 0, all);
    await desk.views(
      [...SIX, 7006],
      (rows) => rows.length === 7 && rows.every(({ flags }) => !flags.includes('handshake')),
    );
  });
  await checks.check('Reshard slots to new master: reshard existing:7000', async () => {
    const to = await desk.id(7006);
    const answers = [
      ['How many slots do you want to move (from 1 to 16384)? ', 200],
      ['What is the receiving node ID? ', to],
      ['Source node #1: ', 'all'],
      ['Do you want to proceed with the proposed reshard plan (yes/no)? ', 'yes'],
    ];
    const { code, all, unasked } = await converse(
      ['reshard', `127.0.0.1:${desk.port(7000)}`, '-a', 'strongpass'],
      answers,
    );
    expectSame([code, unasked], [0, 0], `how it ended, and what it did not ask\n${all.slice(-600)}`);
    await desk.views(SIX, (rows) => rows.find(({ id }) => id === to)?.slots.length > 0);
    const { text } = await typed(desk, 'redis-cli -c -p 7006 -a strongpass', ['get {user:1}:name']);
    expectSame(text.at(-1), 'alice', 'a key after it');
  });
}
