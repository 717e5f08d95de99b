/**
 * Whole requests against whole nodes: where redis-server 7.0.15 serves, redirects and refuses, so do we.
 *
 * Both were started with the same nodes.conf and given the same requests, see test/golden/cluster/README.md.
 */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ByteLink } from '../../src/base/host.js';
import { printRawReply, readAllRaw, readRawReply } from '../commands/raw-reply.js';
import { LoneNode, type TestConnection } from '../support/lone-node.js';

const golden = (file: string): string => {
  return readFileSync(new URL(`../golden/cluster/${file}`, import.meta.url), 'latin1');
};

/** Nobody answers, and nobody is suspected within an hour. */
const SILENT: ByteLink = {
  write() {},
  close() {},
  pauseReading() {},
  resumeReading() {},
  queuedBytes: () => 0,
  remoteHost: '',
  remotePort: 0,
  localHost: '',
  localPort: 0,
};

function member(nodesConf: string): LoneNode {
  const announced = ['ip 127.0.0.1', 'port 7000', 'bus-port 17000'].map((words) => `cluster-announce-${words}`);
  const server = new LoneNode('cluster-enabled yes', 'cluster-node-timeout 3600000', 'save ""', ...announced);
  Object.assign(server.host, { connect: () => SILENT });
  server.host.pages.set('nodes.conf', Buffer.from(nodesConf, 'latin1'));
  expect(server.node.join()).toBeNull();
  server.pass(8000); // it may serve again
  return server;
}

/** As an inline request: with quotes. */
function answerInline(client: TestConnection, request: string): string {
  client.send(Buffer.from(`${request}\r\n`, 'latin1'));
  return printRawReply(readRawReply(Buffer.from(client.take(), 'latin1')));
}

function answer(client: TestConnection, request: string): string {
  return printRawReply(readRawReply(Buffer.from(client.say(request), 'latin1')));
}

test.each([
  ['moving.redirects.txt', 'moving.conf'],
  ['moving.asking.txt', 'moving.conf'],
  ['following.redirects.txt', 'following.conf'],
])('%s, with %s', (file, conf) => {
  const client = member(golden(conf)).connect();
  const rows = golden(file).trimEnd().split('\n');
  const ours = rows.map((row) => row.split(' -> ')[0]!).map((request) => `${request} -> ${answer(client, request)}`);
  expect(ours).toEqual(rows);
});

test('moving.migrate.txt, with moving.conf', () => {
  const client = member(golden('moving.conf')).connect();
  const rows = golden('moving.migrate.txt').trimEnd().split('\n');
  const requests = rows.map((row) => row.split(' -> ')[0] ?? '');
  expect(requests.map((request) => `${request} -> ${answerInline(client, request)}`)).toEqual(rows);
});

test.each([
  ['moving.channels.txt', 'moving.conf'],
  ['following.channels.txt', 'following.conf'],
])('%s, with %s', (file, conf) => {
  const client = member(golden(conf)).connect();
  client.say('HELLO 3');
  const rows = golden(file).trimEnd().split('\n');
  const requests = rows.map((row) => row.split(' -> ')[0] ?? '');
  const ours = requests.map((request) => {
    const heard = readAllRaw(Buffer.from(client.say(request), 'latin1'));
    return `${request} -> ${heard.map(printRawReply).join(' ')}`;
  });
  expect(ours).toEqual(rows);
});

test('a pipeline of requests, some served here and some elsewhere, is answered one by one', () => {
  const client = member(golden('moving.conf')).connect();
  const requests = ['SET {b}a 1', 'GET foo', 'GET {b}a', 'GET bar', 'PING', 'MGET foo bar'];
  client.send(Buffer.from(requests.map((request) => `${request}\r\n`).join(''), 'latin1'));
  expect(client.take().trimEnd().split('\r\n')).toEqual([
    '+OK',
    '-MOVED 12182 127.0.0.1:23501',
    '$1',
    '1',
    '-ASK 5061 127.0.0.1:23501',
    '+PONG',
    "-CROSSSLOT Keys in request don't hash to the same slot",
  ]);
});

test.each([
  ['ZUNIONSTORE foo 1 {b}a', "-CROSSSLOT Keys in request don't hash to the same slot"],
  ['ZUNIONSTORE {b}a 1 foo', '-CLUSTERDOWN Hash slot not served'],
  ['ZDIFFSTORE {b}a 2 {b}a foo', "-CROSSSLOT Keys in request don't hash to the same slot"],
  ['SUNIONSTORE foo {b}a', '-CLUSTERDOWN Hash slot not served'],
])('the first key says where to go, and a destination in front of a count is the last: %s', (request, expected) => {
  const client = member(golden('moving.conf').replace('8192-16383', '8192-12000')).connect();
  expect(answer(client, request)).toBe(expected);
});

// Asked of redis-server 7.0.15: numkeys is read as by C's atoi, and COPY knows the databases that nobody can select.
test.each([
  ['ZUNIONSTORE foo " 1" bar', "-CROSSSLOT Keys in request don't hash to the same slot"],
  ['ZUNIONSTORE foo +1 bar', "-CROSSSLOT Keys in request don't hash to the same slot"],
  ['ZDIFFSTORE foo 9007199254740993 bar', "-CROSSSLOT Keys in request don't hash to the same slot"],
  ['COPY {b}a {b}c DB 2', '-ERR Copying to another database is not allowed in cluster mode'],
  ['COPY {b}a {b}c DB 16', '-ERR DB index is out of range'],
  ['CLUSTER COUNT-FAILURE-REPORTS "\\r\\n"', '-ERR Unknown node '],
  ['CLUSTER REPLICAS "x\\x00y"', '-ERR Unknown node x'],
  ['CLUSTER FORGET "x\\x00y"', '-ERR Unknown node x'],
  ['CLUSTER SETSLOT 1 NODE "x\\r\\n"', '-ERR Unknown node x'],
  ['CLUSTER MEET 127.0.0.1 "a\\r\\n"', '-ERR Invalid TCP base port specified: a'],
  ['COPY {b}a {b}a DB 0', '-ERR source and destination objects are the same'],
])('%s', (request, expected) => {
  const client = member(golden('moving.conf')).connect();
  client.send(Buffer.from(`${request}\r\n`, 'latin1'));
  expect(client.take()).toBe(`${expected}\r\n`);
});

test('a transaction that will not run keeps no commands, so none can be elsewhere', () => {
  const client = member(golden('moving.conf')).connect();
  const requests = ['WATCH {b}a', 'SET {b}a 1', 'MULTI', 'MGET {b}a', 'ZUNIONSTORE {b}z 1 {b}y', 'GET {b}a', 'EXEC'];
  client.send(Buffer.from(requests.map((request) => `${request}\r\n`).join(''), 'latin1'));
  expect(client.take().trimEnd().split('\r\n')).toEqual(['+OK', '+OK', '+OK', '+QUEUED', '+QUEUED', '+QUEUED', '*-1']);
});
