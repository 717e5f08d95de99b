/**
 * Libraries of functions on their way through us: redis-server makes them, we copy and keep them, and redis-server has
 * them again, be it that it follows us, that a node is added to a cluster, or that redis-cli fetches them.
 *
 *   real ──▶ ours ──▶ real         a full sync of any way, then the stream; at the end ours is promoted
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expectMatch, expectSame, until } from '../cluster/checks.mjs';
import { encode, Peer, same } from './servers.mjs';

const LIMIT_MS = 15_000;
const SLOTS = ['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'];

function library(name, answer = name) {
  const facts = `function_name='f_${name}', flags={'no-writes'}, callback=function() return '${answer}' end`;
  return `#!lua name=${name}\nredis.register_function{${facts}}`;
}

export async function proveLibraries(checks) {
  for (const [how, first, config] of [
    ['without a disk', {}, {}],
    ['by way of files', { 'repl-diskless-sync': 'no' }, { 'repl-diskless-sync': 'no' }],
    ['into spare databases', {}, { 'repl-diskless-load': 'swapdb', appendonly: 'yes', 'aof-use-rdb-preamble': 'no' }],
  ]) {
    checks.heading(`libraries of functions: real, ours, real; ${how}`);
    const all = await Promise.all([Peer.start('real', first), Peer.start('ours', config), Peer.start('real')]);
    try {
      await proveChain(checks, ...all);
    } finally {
      await Promise.all(all.map((peer) => peer.stop()));
    }
  }
  for (const [a, b] of [
    ['ours', 'ours'],
    ['real', 'ours'],
    ['ours', 'real'],
  ])
    await proveAdding(checks, a, b);
}

async function proveChain(checks, primary, ours, last) {
  for (const name of ['a', 'b']) await primary.ask('FUNCTION', 'LOAD', library(name));
  await primary.ask('SET', 'k', 'v');
  await ours.follow(primary);
  await last.follow(ours);
  await checks.check('a full sync brings them, and a second one from there', () => alike(primary, ours, last));
  await checks.check('the stream makes, replaces and deletes them', async () => {
    await primary.ask('FUNCTION', 'LOAD', library('c'));
    await primary.ask('FUNCTION', 'LOAD', 'REPLACE', library('a', 'other'));
    await primary.ask('FUNCTION', 'DELETE', 'b');
    const transaction = [['MULTI'], ['FUNCTION', 'LOAD', library('d')], ['INCR', 'n'], ['EXEC']];
    await primary.send(Buffer.concat(transaction.map((words) => encode(...words))));
    return alike(primary, ours, last);
  });
  await checks.check('so does FUNCTION RESTORE', async () => {
    const payload = bulk(await primary.send(encode('FUNCTION', 'DUMP')));
    await primary.ask('FUNCTION', 'FLUSH');
    await alike(primary, ours, last);
    await primary.ask('FUNCTION', 'RESTORE', payload);
    return alike(primary, ours, last);
  });
  await checks.check('redis-cli --functions-rdb fetches them from us', async () => {
    const file = join(ours.server.folder, 'functions.rdb');
    execFileSync('redis-cli', ['-p', String(ours.port), '--functions-rdb', file], { stdio: 'ignore' });
    expectMatch(execFileSync('redis-check-rdb', [file], { encoding: 'latin1' }), /RDB looks OK/, 'redis-check-rdb');
  });
  await checks.check('a restart of ours, and its promotion, lose none', async () => {
    const before = await codesOf(ours);
    await ours.ask('DEBUG', (await ours.field('aof_enabled')) === '1' ? 'LOADAOF' : 'RELOAD');
    expectSame(await codesOf(ours), before, 'libraries after it');
    await ours.ask('REPLICAOF', 'NO', 'ONE');
    await ours.ask('SET', 'later', 'v');
    await primary.ask('SET', 'lost', 'v');
    await primary.ask('FUNCTION', 'FLUSH');
    await primary.follow(ours);
    const found = await alike(ours, primary, last);
    for (const real of [primary, last]) expectSame(await real.ask('FCALL_RO', 'f_a', '0'), 'other', 'FCALL_RO');
    return found;
  });
}

async function proveAdding(checks, a, b) {
  checks.heading(`libraries of functions: ${b} is added to a cluster of ${a}`);
  const config = { 'cluster-enabled': 'yes' };
  const [old, fresh] = await Promise.all([Peer.start(a, config), Peer.start(b, config)]);
  const giver = await Peer.start('real');
  try {
    await giver.ask('FUNCTION', 'LOAD', library('a'));
    const payload = bulk(await giver.send(encode('FUNCTION', 'DUMP')));
    await old.ask('FUNCTION', 'RESTORE', payload);
    await old.ask(...SLOTS);
    await until(LIMIT_MS, async () => (await old.ask('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    await checks.check('redis-cli --cluster add-node copies them', async () => {
      const args = ['--cluster', 'add-node', `127.0.0.1:${fresh.port}`, `127.0.0.1:${old.port}`];
      expectMatch(execFileSync('redis-cli', args, { encoding: 'latin1' }), /New node added correctly/, 'add-node');
      expectSame(await codesOf(fresh), [library('a')], 'libraries of the new node');
    });
  } finally {
    await Promise.all([old.stop(), fresh.stop(), giver.stop()]);
  }
}

/** All are at the same offset, with the same keys and libraries. */
async function alike(first, ...others) {
  for (const other of others) await same(first, other);
  const codes = await codesOf(first);
  for (const other of others) expectSame(await codesOf(other), codes, `libraries of ${other.kind}`);
  return `${codes.length} libraries`;
}

/** In no order: redis has none. */
async function codesOf(peer) {
  const reply = await peer.send(encode('FUNCTION', 'LIST', 'WITHCODE'));
  const parts = reply.split('$12\r\nlibrary_code\r\n$').slice(1);
  return parts.map((part) => bulk(`$${part}`)).sort();
}

/** The string that a reply begins with. */
function bulk(reply) {
  const begin = reply.indexOf('\r\n') + 2;
  return reply.slice(begin, begin + Number(reply.slice(1, begin - 2)));
}
