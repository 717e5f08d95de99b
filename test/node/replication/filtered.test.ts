/**
 * Who wants the snapshot alone, or a part of it: redis-cli --rdb and --functions-rdb.
 */
import { describe, expect, test } from 'vitest';
import { libraryOf } from '../../persistence/functions/samples.js';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

/** All that comes once the snapshot was asked for. */
function snapshot(...options: readonly (readonly [name: string, value: string])[]): {
  text: string;
  client: TestConnection;
  server: LoneNode;
} {
  const server = new LoneNode('repl-diskless-sync-delay 0', 'rdbcompression no');
  const client = server.connect();
  client.say('SET wanted v');
  client.take();
  server.node.server.libraries.load(libraryOf('mine'), 'append');
  for (const option of options) expect(client.run('REPLCONF', ...option)).toBe('+OK\r\n');
  const text = client.say('SYNC');
  server.pass(20);
  return { text: text + client.take(), client, server };
}

describe('REPLCONF', () => {
  test('rdb-only: the snapshot, and the end of the link', () => {
    const { text, client, server } = snapshot(['capa', 'eof'], ['rdb-only', '1']);
    expect(text).toMatch(/^\$EOF:[0-9a-f]{40}\r\nREDIS0010/);
    expect(text).toContain('wanted');
    expect(text).toContain('#!lua name=mine');
    server.pass(20);
    expect(client.open).toBe(false);
    expect(server.log.join('\n')).toMatch(/rdb only replica \(.*\) should be disconnected asap/);
  });

  test('rdb-only: no replica is let in on its snapshot, as nobody keeps the stream since then', () => {
    const conf = ['repl-diskless-sync no', 'repl-backlog-size 16kb', 'rdb-key-save-delay 20000'];
    const server = new LoneNode(...conf);
    const [writer, dumper, replica] = [server.connect(), server.connect(), server.connect()];
    for (let i = 0; i < 100; i++) writer.run('SET', `key:${i}`, 'v');
    dumper.run('REPLCONF', 'rdb-only', '1');
    dumper.say('PSYNC ? -1');
    server.pass(20);
    for (let i = 0; i < 100; i++) writer.run('SET', 'big', 'x'.repeat(2000));
    replica.tell(['PSYNC', '?', '-1']);
    server.pass(3000);
    expect(dumper.open).toBe(false);
    writer.run('CONFIG', 'SET', 'rdb-key-save-delay', '0');
    server.pass(1000);
    expect(replica.take()).toMatch(/\+FULLRESYNC[\s\S]*REDIS0010/);
    expect(server.log.filter((line) => line.includes('Starting BGSAVE for SYNC'))).toHaveLength(2);
  });

  test.each(['functions', ''])('rdb-filter-only %j: a file without keys', (filter) => {
    const { text } = snapshot(['capa', 'eof'], ['rdb-only', '1'], ['rdb-filter-only', filter]);
    expect(text).toMatch(/^\$EOF:[0-9a-f]{40}\r\nREDIS0010/);
    expect(text).toContain('redis-ver');
    expect(text).not.toContain('wanted');
    expect(text.includes('#!lua name=mine')).toBe(filter === 'functions');
  });

  test('rdb-filter-only of something else is refused', () => {
    const client = new LoneNode().connect();
    const ask = (filter: string): string => client.run('REPLCONF', 'rdb-filter-only', filter);
    expect(ask('functions keys')).toBe('-ERR Unsupported rdb-filter-only option: keys\r\n');
    expect(ask("'")).toBe('-ERR Missing rdb-filter-only values\r\n');
  });

  test('who wants a part has to know where it ends', () => {
    const client = new LoneNode().connect();
    client.say('REPLCONF rdb-filter-only functions');
    client.take();
    expect(client.say('SYNC')).toMatch(/^-ERR Filtered replica requires EOF capability/);
  });
});
