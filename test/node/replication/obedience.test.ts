/**
 * How a replica obeys: time that has run out, errors that must not be, memory, and writes of its own.
 */
import { describe, expect, test } from 'vitest';
import { expectSame, field, follow, loners, pair } from '../../support/copies.js';
import type { LittleNode } from '../../support/little-world.js';
import { LoneNode } from '../../support/lone-node.js';

describe('time', () => {
  test('a replica hides dead keys, removes none, and its primary finds them still', () => {
    const { all, primary, replica } = pair();
    primary.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    primary.run('SET', 'n', '41', 'PX', '50');
    all.pass(500);
    expect(replica.run('GET', 'n')).toBe('$-1\r\n');
    expect(replica.run('EXISTS', 'n')).toBe(':0\r\n');
    expect(replica.run('TTL', 'n')).toBe(':-2\r\n');
    expect(replica.run('DBSIZE')).toBe(':2\r\n');
    expect(replica.run('DEBUG', 'OBJECT', 'n')).toContain('encoding:int');
    expect(replica.run('DEBUG', 'DIGEST')).toBe(primary.run('DEBUG', 'DIGEST'));
    primary.run('DEBUG', 'REPLICATE', 'INCR', 'n');
    primary.run('DEBUG', 'REPLICATE', 'PERSIST', 'n');
    all.pass(10);
    expect(replica.run('GET', 'n')).toBe('$2\r\n42\r\n');
  });

  test('it goes when the primary says so', () => {
    const { all, primary, replica } = pair();
    primary.run('SET', 'n', '41', 'PX', '50');
    all.pass(500);
    expect(replica.run('DBSIZE')).toBe(':1\r\n');
    expect(replica.run('DEBUG', 'DIGEST')).toBe(primary.run('DEBUG', 'DIGEST'));
  });

  test('a moment that has passed is kept until the DEL comes', () => {
    const { all, primary, replica } = pair();
    primary.run('DEBUG', 'REPLICATE', 'PEXPIREAT', 'k', '1000');
    all.pass(500);
    expect(replica.run('DBSIZE')).toBe(':1\r\n');
    expect(replica.run('GET', 'k')).toBe('$-1\r\n');
  });
});

test('a pause holds back clients, not the primary', () => {
  const { all, primary, replica } = pair();
  replica.run('CLIENT', 'PAUSE', '1000', 'WRITE');
  primary.run('SET', 'k', 'in the pause');
  primary.run('MULTI');
  primary.run('INCR', 'n');
  primary.run('INCR', 'n');
  primary.run('EXEC');
  all.pass(50);
  expect(replica.run('GET', 'k')).toBe('$12\r\nin the pause\r\n');
  expect(replica.run('GET', 'n')).toBe('$1\r\n2\r\n');
});

describe('a replica that takes writes', () => {
  test('lets its own keys die, and waits with those of its primary', () => {
    const { all, primary, replica } = pair('replica-read-only no');
    primary.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    primary.run('SET', 'theirs', 'v', 'PX', '50');
    all.pass(10);
    replica.run('SET', 'own', 'v', 'PX', '50');
    replica.run('SET', 'renamed', 'v', 'PX', '50');
    replica.run('RENAME', 'renamed', 'other');
    replica.run('SET', 'kept', 'v', 'PX', '50');
    replica.run('PERSIST', 'kept');
    for (let i = 0; i < 50; i++) replica.run('SET', `long:${i}`, 'v', 'EX', '1000');
    expect(field(replica, 'slave_expires_tracked_keys')).toBe('54');
    all.pass(5000);
    expect(replica.run('EXISTS', 'own', 'other', 'kept')).toBe(':1\r\n');
    expect(replica.run('DBSIZE')).toBe(':53\r\n'); // k, theirs, kept, and fifty that live
    expect(field(replica, 'slave_expires_tracked_keys')).toBe('50');
  });

  test('a write finds a dead key gone', () => {
    const { all, primary, replica } = pair('replica-read-only no');
    primary.run('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    primary.run('SET', 'n', '41', 'PX', '50');
    all.pass(500);
    expect(replica.run('INCR', 'n')).toBe(':1\r\n');
    expect(replica.run('DBSIZE')).toBe(':2\r\n');
  });
});

describe('errors on the link', () => {
  const critical = (text: string, name: string) =>
    `warning: == CRITICAL == This replica is sending an error to its master: '${text}' after processing the command ` +
    `'${name}'`;

  test.each([
    [['fake-command-1'], critical("unknown command 'fake-command-1', with args beginning with: ", '<unknown>')],
    [['INCR', 'k'], critical('value is not an integer or out of range', 'incr')],
    [['LPUSH', 'k', 'x'], critical('-WRONGTYPE Operation against a key holding the wrong kind of value', 'lpush')],
  ])('%j is logged and counted, and the stream goes on', (command, line) => {
    const { all, primary, replica } = pair();
    primary.run('DEBUG', 'REPLICATE', ...command);
    primary.run('SET', 'after', 'v');
    all.pass(10);
    expect(replica.log.filter((each) => each.includes('CRITICAL'))).toEqual([line]);
    expect(field(replica, 'unexpected_error_replies')).toBe('1');
    expect(replica.run('GET', 'after')).toBe('$1\r\nv\r\n');
  });

  test.each([
    ['panic', 'yes', true],
    ['panic-on-replicas', 'yes', true],
    ['ignore', 'yes', false],
    ['panic', 'no', false],
  ])('propagation-error-behavior %s, replica-read-only %s', (behavior, readOnly, stops) => {
    const { all, primary, replica } = pair(`propagation-error-behavior ${behavior}`, `replica-read-only ${readOnly}`);
    const fatal: string[] = [];
    replica.node.fatal = (reason) => void fatal.push(reason);
    primary.run('DEBUG', 'REPLICATE', 'INCR', 'k');
    all.pass(10);
    const text = "This replica panicked sending an error to its master after processing the command 'incr'";
    expect(fatal).toEqual(stops ? [text] : []);
  });

  test.each([
    ['PING', []],
    ['GET k', ["'Replica can't interact with the keyspace' after processing the command 'get'"]],
    ['NOSUCH', ["'unknown command 'NOSUCH', with args beginning with: ' after processing the command '<unknown>'"]],
  ])('who asked for the stream and says %s is sent away', (command, errors) => {
    const server = new LoneNode('repl-diskless-sync-delay 100');
    const other = server.connect();
    const replica = server.connect();
    replica.say('PSYNC replicationid -1');
    replica.say('REPLCONF ACK 0');
    expect(replica.open).toBe(true);
    replica.take();
    expect(replica.say(command)).toBe('');
    expect(replica.open).toBe(false);
    const name = command === 'NOSUCH' ? '<unknown>' : (command.split(' ')[0] ?? '').toLowerCase();
    const line = `Replica generated a reply to command '${name}', disconnecting it: id=`;
    expect(server.log.filter((each) => each.includes(line))).toHaveLength(1);
    expect(server.log.filter((each) => each.includes('== CRITICAL == This master is sending'))).toEqual(
      errors.map((text) => `warning: == CRITICAL == This master is sending an error to its replica: ${text}`),
    );
    expect(other.say('PING')).toBe('+PONG\r\n');
  });
});

describe('a stream that is none', () => {
  test.each([
    ['words without an array', 'SET torn x\r\n'],
    ['a length that is no number', '*2\r\n$x\r\n'],
  ])('%s: not run, and the data is asked for anew', (_, text) => {
    const { all, primary, replica } = pair();
    const bytes = Buffer.from(text);
    primary.node.replication.append(bytes, 0, bytes.length);
    primary.run('SET', 'after', 'v');
    all.pass(1);
    expect(replica.run('GET', 'torn')).toBe('$-1\r\n');
    expect(field(replica, 'slave_repl_offset')).toBe('1'); // as redis says where nothing can be gone on with
    expect(replica.log.filter((line) => line.includes('Receiving inline protocol from master'))).toHaveLength(
      text.startsWith('*') ? 0 : 1,
    );
    expect(replica.log.filter((line) => line.includes('Caching the disconnected master state'))).toEqual([]);
    all.pass(1500);
    expectSame(primary, replica);
    expect(field(primary, 'sync_full')).toBe('2');
  });

  test('line ends alone are a sign of life', () => {
    const { all, primary, replica } = pair();
    const bytes = Buffer.from('\n\r\n');
    primary.node.replication.append(bytes, 0, bytes.length);
    primary.run('SET', 'after', 'v');
    all.pass(50);
    expectSame(primary, replica);
    expect(field(primary, 'sync_full')).toBe('1');
  });
});

describe('a disk that takes nothing', () => {
  test.each([
    ['no', ['Replica was unable to write command to disk.'], 0],
    ['yes', [], 1],
  ])('replica-ignore-disk-write-errors %s', (ignores, ends, lines) => {
    const { all, primary, replica } = pair('save 3600 1', `replica-ignore-disk-write-errors ${ignores}`);
    const fatal: string[] = [];
    replica.node.fatal = (reason) => void fatal.push(reason);
    replica.node.server.saving.notSaved({ kind: 'failed', path: 'temp-1.rdb', step: 'write', reason: 'No space' });
    expect(replica.run('PING')).toMatch(/^-MISCONF/);
    primary.run('PING');
    primary.run('SET', 'after', 'v');
    all.pass(10);
    expect(fatal).toEqual(ends);
    expect(replica.log.filter((line) => line.includes('even though it is unable to write'))).toHaveLength(lines);
    expect(replica.run('GET', 'after')).toBe('$1\r\nv\r\n');
    expect(replica.log.filter((line) => line.includes('CRITICAL'))).toEqual([]);
  });
});

describe('a link for which little may be gathered', () => {
  test.each(['yes', 'no'])('repl-disable-tcp-nodelay %s', (gathers) => {
    const all = loners(2, `repl-disable-tcp-nodelay ${gathers}`);
    const [primary, replica] = all.nodes as [LittleNode, LittleNode];
    let told = 0;
    const accept = primary.node.accept.bind(primary.node);
    primary.node.accept = (link) => accept(Object.assign(link, { gatherParts: () => void told++ }));
    follow(replica, primary);
    all.pass(50);
    expectSame(primary, replica);
    expect(told).toBe(gathers === 'yes' ? 1 : 0);
  });
});

describe('memory', () => {
  test.each([
    ['yes', true],
    ['no', false],
  ])('replica-ignore-maxmemory %s', (ignores, keepsAll) => {
    const { all, primary, replica } = pair(`replica-ignore-maxmemory ${ignores}`, 'maxmemory-policy allkeys-lru');
    replica.run('CONFIG', 'SET', 'maxmemory', '3mb');
    for (let i = 0; i < 300; i++) primary.run('SET', `k${i}`, 'x'.repeat(10_000));
    all.pass(50);
    expect(replica.run('DBSIZE') === primary.run('DBSIZE')).toBe(keepsAll);
  });
});
