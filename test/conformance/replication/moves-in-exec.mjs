/**
 * MIGRATE inside of EXEC: what the client hears, what replicas and the append-only file are told, where the keys are
 * then, and what others see, as between two redis-servers. Ours moves to ours and to redis-server, and the other way.
 *
 * `{move a}` is MIGRATE of a to the other server, `{move a 3}` into that database of it; `{wait here}` is MIGRATE to
 * the server itself, and `{wait deaf}` to one that answers nothing, with little time.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { Listener, SETTINGS } from '../../golden/propagation/listener.mjs';
import { expectSame } from '../cluster/checks.mjs';
import { encode, Peer } from './servers.mjs';

const CONFIG = {
  ...Object.fromEntries(SETTINGS.map((line) => line.split(' '))),
  appendonly: 'yes',
  appendfsync: 'always',
  'aof-use-rdb-preamble': 'no',
  'auto-aof-rewrite-percentage': '0',
};
/** What is told to replicas alone ends what was told before. */
const MARK = ['PUBLISH', 'mark', ''];
const PAIRS = [
  ['ours', 'ours'],
  ['ours', 'real'],
  ['real', 'ours'],
];

// biome-ignore format: a table
const STORIES = [
  // what                              before (there: after |)    what is queued
  ['the value that the EXEC gave it',  'SET a old',               'SET a new, {move a}, GET a, INCR n'],
  ['alone in its EXEC',                'SET a 1',                 '{move a}'],
  ['a key that is not here',           '',                        'INCR n, {move a}, INCR n'],
  ['several, one of them is there',    'MSET a 1 b 2 | SET b 0',  'INCR n, {move ""} KEYS a b, DBSIZE'],
  ['to be replaced',                   'SET a 1 | SET a 0',       '{move a} REPLACE, EXISTS a'],
  ['a copy',                           'SET a 1',                 'INCR n, {move a} COPY, EXISTS a'],
  ['two, and a key comes back',        'MSET a 1 b 2',            '{move a}, SET a 9, {move b}, GET a'],
  ['the same key twice',               'SET a 1',                 '{move a}, INCR n, {move a}'],
  ['other databases',                  'SET a 1',                 '{move a 3}, SELECT 2, SET b 2, {move b 4}, SELECT 0'],
  ['nobody listens there',             'SET a 1',                 'INCR n, MIGRATE 127.0.0.1 1 a 0 1000, INCR n'],
  ['nobody answers there',             'SET a 1',                 'INCR n, {wait deaf}, INCR n'],
  ['to itself',                        'SET a 1',                 'INCR n, {wait here}, INCR n'],
  ['an option that is none',           'SET a 1',                 '{move a} NOW, EXISTS a'],
  ['a time that is no number',         'SET a 1',                 'MIGRATE 127.0.0.1 {there} a 0 x, EXISTS a'],
  ['a key that dies',                  'SET a 1 PX 100000',       '{move a}, INCR n'],
  ['what others wait for',             '',                        'RPUSH q 1 2, RPUSH p 3, {move p}, INCR n'],
  ['messages of its own',              'SET a 1',                 'SUBSCRIBE c, {move a}, PUBLISH c x, UNSUBSCRIBE'],
  ['a change of protocol',             'SET a 1',                 'HELLO 3, {move a}, HGETALL none, HELLO 2'],
  ['an error before and behind',       'MSET a 1 s x',            'INCR s, {move a}, INCR s'],
  ['all goes, and more comes',         'MSET a 1 b 2',            '{move ""} KEYS a b, FLUSHALL, SET c 1'],
];

export async function proveMovesInExec(checks) {
  const expected = await tellAll('real', 'real');
  for (const [from, to] of PAIRS) {
    checks.heading(`MIGRATE in EXEC: from ${from} to ${to}`);
    const found = await tellAll(from, to);
    for (const [name, told] of expected)
      await checks.check(name, () => expectSame(found.get(name), told, `from ${from} to ${to}`));
  }
}

/** What each story comes to, as a text. */
async function tellAll(from, to) {
  const [here, there, deaf] = await Promise.all([Peer.start(from, CONFIG), Peer.start(to, CONFIG), listenDeafly()]);
  const stage = { here, there, deaf, listener: await Listener.attach(here.port), told: new Map() };
  try {
    for (const [name, before, queued] of STORIES) stage.told.set(name, await tell(stage, before, queued));
    stage.told.set('what others see', await tellOthers(stage));
    stage.told.set('its client leaves', await tellLeaving(stage));
    stage.told.set('two servers, each to the other', await tellBoth(stage));
    stage.told.set('the file of the last story is sound', await tellFile(stage));
    return stage.told;
  } finally {
    stage.listener.close();
    deaf.server.close();
    for (const socket of deaf.sockets) socket.destroy();
    await Promise.all([here.stop(), there.stop()]);
  }
}

async function listenDeafly() {
  const sockets = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, sockets, port: server.address().port };
}

function wordsOf(text, { here, there, deaf }) {
  const ports = { '{here}': here.port, '{there}': there.port, '{deaf}': deaf.port };
  const full = text
    .replace(/\{move (\S+?)( \d+)?\}/, (_, key, db) => `MIGRATE 127.0.0.1 {there} ${key} ${db ?? '0'} 1000`)
    .replace(/\{wait (\S+)\}/, 'MIGRATE 127.0.0.1 {$1} a 0 200');
  return full.split(/ +/).map((word) => (word === '""' ? '' : String(ports[word] ?? word)));
}

function requests(stage, text, separator) {
  const lines = text.split(separator).map((line) => line.trim());
  return lines.filter((line) => line !== '').map((line) => encode(...wordsOf(line, stage)));
}

async function empty({ here, there }) {
  for (const peer of [here, there]) await peer.send(Buffer.concat([encode('SELECT', '0'), encode('FLUSHALL')]));
}

async function tell(stage, before, queued) {
  const { here, there } = stage;
  await empty(stage);
  const [mine = '', other = ''] = before.split('|');
  await here.send(Buffer.concat(requests(stage, mine, ';')));
  await there.send(Buffer.concat(requests(stage, other, ';')));
  const waiters = await waitFor(here, ['p', 'q']);
  await streamOf(stage);
  const parts = [encode('MULTI'), ...requests(stage, queued, ','), encode('EXEC'), encode('ECHO', 'behind')];
  const heard = await here.send(Buffer.concat(parts));
  const stream = await streamOf(stage);
  const waited = waiters.map((waiter) => waiter.leave());
  return neat(stage, [heard, stream, ...waited, await keysOf(here), await keysOf(there)].join(' — '));
}

/** Clients that wait for these lists. */
async function waitFor(peer, keys) {
  const waiters = [];
  for (const key of keys) {
    const socket = net.connect(peer.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    await once(socket, 'connect');
    socket.write(encode('BLPOP', key, '0'));
    waiters.push({
      leave() {
        socket.destroy();
        return heard;
      },
    });
  }
  while (Number(await peer.field('blocked_clients', 'clients')) < keys.length) await pass(5);
  return waiters;
}

function pass(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What replicas were told since the last look. */
async function streamOf({ here, listener }) {
  const marker = await Peer.join(here);
  await marker.ask(...MARK);
  marker.close();
  return (await listener.take(encode(...MARK))).toString('latin1');
}

async function keysOf(peer) {
  await peer.ask('SELECT', '0');
  const space = await peer.ask('INFO', 'keyspace');
  return `${space.replaceAll(/,avg_ttl=\d+/g, '')} ${await peer.ask('DEBUG', 'DIGEST')}`;
}

/** Ports and moments are those of the day. */
function neat({ here, there, deaf }, text) {
  const named = text
    .replaceAll(String(here.port), '{here}')
    .replaceAll(String(there.port), '{there}')
    .replaceAll(String(deaf.port), '{deaf}');
  return named.replaceAll('\r\n', ' ').replaceAll(/\$2 id :\d+/g, '$2 id :n');
}

/** While it waits: a writer, a reader, and somebody who watches what the EXEC has written. */
async function tellOthers(stage) {
  const { here, deaf } = stage;
  await empty(stage);
  const [writer, reader, watcher] = await Promise.all([Peer.join(here), Peer.join(here), Peer.join(here)]);
  await watcher.ask('SET', 'a', 'old');
  await watcher.ask('WATCH', 'a');
  await streamOf(stage);
  const order = [];
  const move = requests(stage, `MULTI, SET a new, INCR n, MIGRATE 127.0.0.1 ${deaf.port} a 0 300, INCR n, EXEC`, ',');
  const moved = here.send(Buffer.concat(move)).then((text) => order.push('moved') && text);
  await pass(100);
  const heard = await Promise.all([
    moved,
    reader.send(Buffer.concat([encode('GET', 'n'), encode('GET', 'a')])).then((text) => order.push('seen') && text),
    writer.send(encode('INCR', 'n')).then((text) => text.length > 0),
    watcher.send(Buffer.concat([encode('MULTI'), encode('INCR', 'n'), encode('EXEC')])),
  ]);
  const stream = await streamOf(stage);
  for (const peer of [writer, reader, watcher]) peer.close();
  const isBehind = /^\$1 [23] \$3 new $/.test(heard[1].replaceAll('\r\n', ' '));
  return neat(stage, [heard[0], isBehind, heard[2], heard[3], stream, order[0]].join(' — '));
}

/** In the middle of it: what stands behind is done all the same. */
async function tellLeaving(stage) {
  const { here, deaf } = stage;
  await empty(stage);
  await here.ask('SET', 'a', '1');
  await streamOf(stage);
  const client = await Peer.join(here);
  const queued = `MULTI, INCR n, SUBSCRIBE x, MIGRATE 127.0.0.1 ${deaf.port} a 0 300, INCR n, SUBSCRIBE y, EXEC`;
  void client.send(Buffer.concat(requests(stage, queued, ',')));
  await pass(100);
  client.close();
  const seen = await here.send(encode('GET', 'n'));
  await pass(50);
  const left = await here.send(encode('PUBSUB', 'CHANNELS'));
  return neat(stage, [seen, left, await streamOf(stage)].join(' — '));
}

/** Neither hears the other while it waits: it ends with their time. */
async function tellBoth(stage) {
  const { here, there } = stage;
  await empty(stage);
  await here.ask('SET', 'a', '1');
  await there.ask('SET', 'b', '2');
  const order = (port, key) =>
    [['MULTI'], ['INCR', 'n'], ['MIGRATE', '127.0.0.1', `${port}`, key, '0', '300'], ['INCR', 'n'], ['EXEC']].map(
      (words) => encode(...words),
    );
  const heard = await Promise.all([
    here.send(Buffer.concat(order(there.port, 'a'))),
    there.send(Buffer.concat(order(here.port, 'b'))),
  ]);
  const alive = await Promise.all([here.ask('GET', 'n'), there.ask('GET', 'n')]);
  await streamOf(stage);
  // Who begins a moment before the other has what it sends taken.
  return neat(stage, [...heard, ...alive].join(' — ')).replaceAll(/:1 (\+OK|-IOERR [^:]*) :2/g, ':1 end :2');
}

/** The file says what the stream said: after DEBUG LOADAOF all is as before. */
async function tellFile(stage) {
  const { here } = stage;
  await tell(stage, 'MSET a 1 b 2', 'INCR n, {move a}, INCR n');
  const name = /file (\S+\.incr\.aof) /.exec(
    readFileSync(join(here.server.folder, 'appendonlydir/appendonly.aof.manifest'), 'latin1'),
  )?.[1];
  const file = readFileSync(join(here.server.folder, 'appendonlydir', name), 'latin1').replaceAll('\r\n', ' ');
  const before = await here.ask('DEBUG', 'DIGEST');
  await here.ask('DEBUG', 'LOADAOF');
  const isSame = before === (await here.ask('DEBUG', 'DIGEST'));
  return [file.slice(file.lastIndexOf('*1 $5 MULTI')), isSame].join(' — ');
}
