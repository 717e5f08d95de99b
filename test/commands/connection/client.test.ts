/**
 * CLIENT: as Redis answers it, and what happens between several connections.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode } from '../../support/lone-node.js';
import { playOnNode } from '../../support/play-on-node.js';

playOnNode('client');

/** The names of the fields of CLIENT LIST in 7.0.15. */
const FIELDS =
  'id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem multi-mem rbs rbp obl oll omem ' +
  'tot-mem events cmd user redir resp';

const CONFIRMED = '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n';

/** The fields of each line of a bulk string. */
function linesOf(reply: string): Map<string, string>[] {
  const lines = reply.split('\r\n')[1]?.split('\n').slice(0, -1) ?? [];
  return lines.map((line) => new Map(line.split(' ').map((field) => splitOnce(field))));
}

function splitOnce(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

describe('CLIENT LIST', () => {
  test('has the fields of 7.0.15, in their order', () => {
    const client = new LoneNode().connect();
    const [line] = linesOf(client.say('CLIENT LIST'));
    expect([...(line?.keys() ?? [])].join(' ')).toBe(FIELDS);
    expect(Object.fromEntries(line ?? [])).toMatchObject({
      id: '1',
      addr: '127.0.0.1:50000',
      laddr: '127.0.0.1:6379',
      name: '',
      flags: 'N',
      multi: '-1',
      qbuf: '26',
      'argv-mem': '10',
      events: 'r',
      cmd: 'client|list',
      user: 'default',
      resp: '2',
    });
  });

  test('shows all in the order in which they came, or those asked for by id in the order asked', () => {
    const server = new LoneNode();
    const clients = [server.connect(), server.connect(), server.connect()];
    const ids = (line: string): (string | undefined)[] => linesOf(clients[0]?.say(line) ?? '').map((l) => l.get('id'));
    expect(ids('CLIENT LIST')).toEqual(['1', '2', '3']);
    expect(ids('CLIENT LIST TYPE normal')).toEqual(['1', '2', '3']);
    expect(ids('CLIENT LIST ID 3 99 1')).toEqual(['3', '1']);
  });

  test('tells what each is doing', () => {
    const server = new LoneNode();
    const [watcher, other] = [server.connect(), server.connect()];
    for (const line of ['HELLO 3 SETNAME me', 'SELECT 4', 'WATCH k', 'MULTI', 'PING']) watcher.say(line);
    server.pass(3500);
    const [line] = linesOf(other.say('CLIENT LIST ID 1'));
    expect(Object.fromEntries(line ?? [])).toMatchObject({
      name: 'me',
      age: '3',
      idle: '3',
      db: '4',
      flags: 'x',
      multi: '1',
      resp: '3',
    });
  });

  test('of who runs EXEC: the transaction is not over before its end', () => {
    const client = new LoneNode().connect();
    for (const line of ['WATCH k', 'MULTI', 'SET k v', 'CLIENT INFO']) client.say(line);
    expect(client.say('EXEC')).toMatch(/ flags=x .* multi=2 .* cmd=exec /);
    expect(client.say('CLIENT INFO')).toMatch(/ flags=N .* multi=-1 .* multi-mem=0 /);
  });

  // biome-ignore format: a table
  test.each<[said: string[], flags: string]>([
    [[],                                   'N'],
    [['MULTI'],                            'x'],
    [['CLIENT NO-EVICT on'],               'e'],
    [['CLIENT NO-EVICT on', 'CLIENT NO-EVICT off'], 'N'],
    [['CLIENT PAUSE 1000', 'PING'],        'b'],
  ])('%j', (said, flags) => {
    const server = new LoneNode();
    const client = server.connect();
    for (const line of said) client.say(line);
    const { node } = server;
    const request = { totalBytes: () => 0 };
    expect(node.connections.lineOf(client.client!, request as never)).toContain(` flags=${flags} `);
  });
});

describe('CLIENT KILL', () => {
  test('of oneself still answers', () => {
    const client = new LoneNode().connect();
    expect(client.say('CLIENT KILL 127.0.0.1:50000')).toBe('+OK\r\n');
    expect(client.open).toBe(false);
  });

  test('spares oneself unless told otherwise', () => {
    const server = new LoneNode();
    const [me, ...others] = [server.connect(), server.connect(), server.connect()] as const;
    expect(me.say('CLIENT KILL TYPE normal')).toBe(':2\r\n');
    expect([me, ...others].map(({ open }) => open)).toEqual([true, false, false]);
    expect(linesOf(me.say('CLIENT LIST'))).toHaveLength(1);
    server.connect();
    expect(me.say('CLIENT KILL SKIPME no')).toBe(':2\r\n');
    expect(me.open).toBe(false);
  });

  // biome-ignore format: a table
  test.each<[filter: string, count: number]>([
    ['ID 2',                                       1],
    ['ID 9',                                       0],
    ['ADDR 127.0.0.1:50001',                       1],
    ['ADDR 127.0.0.1:50001 ID 3',                  0],
    ['LADDR 127.0.0.1:6379',                       2],
    ['USER default',                               2],
    ['ID 1',                                       0],
    ['ID 1 SKIPME no',                             1],
    ['ID 2 ID 3',                                  1],
  ])('%s', (filter, count) => {
    const server = new LoneNode();
    const [me] = [server.connect(), server.connect(), server.connect()];
    expect(me?.say(`CLIENT KILL ${filter}`)).toBe(`:${count}\r\n`);
  });

  test('takes the watches of the killed with it', () => {
    const server = new LoneNode();
    const [me, other] = [server.connect(), server.connect()];
    other.say('WATCH k');
    me.say('CLIENT KILL ID 2');
    expect(server.node.watchedKeys.isEmpty).toBe(true);
  });
});

describe('CLIENT REPLY', () => {
  test('OFF silences all until ON', () => {
    const client = new LoneNode().connect();
    expect(client.say('CLIENT REPLY OFF') + client.say('PING') + client.say('NOSUCH')).toBe('');
    expect(client.say('CLIENT REPLY SKIP') + client.say('PING')).toBe('');
    expect(client.say('CLIENT REPLY ON')).toBe('+OK\r\n');
    expect(client.say('PING')).toBe('+PONG\r\n');
  });

  test('SKIP silences one', () => {
    const client = new LoneNode().connect();
    expect(client.say('CLIENT REPLY SKIP') + client.say('PING')).toBe('');
    expect(client.say('PING')).toBe('+PONG\r\n');
    expect(client.say('CLIENT REPLY SKIP')).toBe('');
    expect(client.say('CLIENT REPLY ON')).toBe('+OK\r\n');
    expect(client.say('PING')).toBe('+PONG\r\n');
  });

  // as 7.0.15 answers: the array is begun or not, and each command in it goes by the mode of its moment
  test.each<[string, string[], string[], string]>([
    ['OFF in EXEC', [], ['PING 1', 'CLIENT REPLY OFF', 'PING 2'], '*3\r\n$1\r\n1\r\n'],
    ['SKIP in EXEC', [], ['PING 1', 'CLIENT REPLY SKIP', 'PING 2'], '*3\r\n$1\r\n1\r\n$1\r\n2\r\n'],
    ['ON in EXEC', ['CLIENT REPLY OFF'], ['PING 1', 'CLIENT REPLY ON', 'PING 2'], '+OK\r\n$1\r\n2\r\n+PONG\r\n'],
    ['SKIP and ON in EXEC', [], ['CLIENT REPLY SKIP', 'CLIENT REPLY ON'], '*2\r\n+OK\r\n'],
    ['SKIP and SUBSCRIBE in EXEC', [], ['CLIENT REPLY SKIP', 'SUBSCRIBE c'], `*2\r\n${CONFIRMED}`],
    ['OFF and ON in EXEC', [], ['CLIENT REPLY OFF', 'PING 1', 'CLIENT REPLY ON'], '*3\r\n+OK\r\n+PONG\r\n'],
  ])('%s', (_, before, queued, heard) => {
    const client = new LoneNode().connect();
    for (const said of [...before, 'MULTI', ...queued]) client.say(said);
    expect(client.say('EXEC') + client.say('PING')).toBe(heard);
  });
});

describe('CLIENT PAUSE', () => {
  test('holds everything back until it ends, in order', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    a.say('CLIENT PAUSE 500');
    expect(b.say('SET k b') + a.say('SET k a') + b.say('GET k')).toBe('');
    server.pass(400);
    expect(b.take()).toBe('');
    server.pass(200);
    expect(b.take()).toBe('+OK\r\n$1\r\nb\r\n');
    expect(a.take()).toBe('+OK\r\n');
  });

  test('of writes lets reads through, and UNPAUSE ends it', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    a.say('CLIENT PAUSE 100000 WRITE');
    expect(b.say('GET k')).toBe('$-1\r\n');
    expect(b.say('SET k')).toContain('wrong number of arguments');
    expect(b.say('SET k v')).toBe('');
    expect(a.say('CLIENT UNPAUSE')).toBe('+OK\r\n');
    expect(b.take()).toBe('+OK\r\n');
  });

  test('ends without mixing up the replies of those who waited with those of who ended it', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    a.say('CLIENT PAUSE 100000 WRITE');
    b.say('SET k v');
    a.send(Buffer.from('PING one\r\nCLIENT UNPAUSE\r\nPING two\r\n'));
    expect(a.take()).toBe('$3\r\none\r\n+OK\r\n$3\r\ntwo\r\n');
    expect(b.take()).toBe('+OK\r\n');
  });

  test('of writes holds back the EXEC of a transaction that writes', () => {
    const server = new LoneNode();
    const [a, b, c] = [server.connect(), server.connect(), server.connect()];
    for (const line of ['MULTI', 'SET k v']) b.say(line);
    for (const line of ['MULTI', 'GET k']) c.say(line);
    a.say('CLIENT PAUSE 100000 WRITE');
    expect(c.say('EXEC')).toBe('*1\r\n$-1\r\n');
    expect(b.say('EXEC')).toBe('');
    a.say('CLIENT UNPAUSE');
    expect(b.take()).toBe('*1\r\n+OK\r\n');
  });

  test('never gets weaker or shorter by another one', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    a.say('CLIENT PAUSE 500 WRITE');
    a.say('CLIENT PAUSE 100 WRITE');
    server.pass(300);
    expect(b.say('SET k v')).toBe('');
    server.pass(300);
    expect(b.take()).toBe('+OK\r\n');
  });

  test('of a hand-over goes on when CLIENT UNPAUSE ends its own', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    server.node.writesPaused(1000);
    a.say('CLIENT PAUSE 5000 WRITE');
    b.say('SET k v');
    a.say('CLIENT UNPAUSE');
    expect(b.take()).toBe('');
    server.node.writesResumed();
    expect(b.take()).toBe('');
    server.host.finishTurn();
    expect(b.take()).toBe('+OK\r\n');
  });

  test('keeps keys from expiring', () => {
    const server = new LoneNode();
    const client = server.connect();
    client.say('SET k v PX 50');
    client.say('CLIENT PAUSE 1000 WRITE');
    server.pass(200);
    expect(client.say('GET k')).toBe('$-1\r\n');
    expect(client.say('DBSIZE')).toBe(':1\r\n');
    client.say('CLIENT UNPAUSE');
    expect(client.say('GET k')).toBe('$-1\r\n');
    expect(client.say('DBSIZE')).toBe(':0\r\n');
  });

  test('lets go of who leaves', () => {
    const server = new LoneNode();
    const [a, b] = [server.connect(), server.connect()];
    a.say('CLIENT PAUSE 1000 WRITE');
    b.say('SET k v');
    expect(server.node.gate.waitingCount).toBe(1);
    b.close();
    server.host.finishTurn();
    expect(server.node.gate.waitingCount).toBe(0);
  });
});
