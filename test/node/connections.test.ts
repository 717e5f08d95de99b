/**
 * Who may come in, who must go, and what is left of them: on a whole node, in virtual time.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../support/lone-node.js';
import { readStreams } from '../support/streams-file.js';

const inline = (line: string): Buffer => Buffer.from(`${line}\r\n`, 'latin1');

/** A field of INFO. */
function info(client: TestConnection, field: string): string {
  return new RegExp(`^${field}:(.*)\r$`, 'm').exec(client.run('INFO', 'everything'))?.[1] ?? 'none';
}

/** The lines of the log of one level since the last look. */
function logged(server: LoneNode, level: string): string[] {
  const lines = server.log.splice(0).filter((line) => line.startsWith(`${level}: `));
  return lines.map((line) => line.slice(level.length + 2));
}

describe('maxclients', () => {
  test('one too many is told so', () => {
    const server = new LoneNode('maxclients 2');
    const [a, b, c] = [server.connect(), server.connect(), server.connect()];
    expect([a.open, b.open, c.open]).toEqual([true, true, false]);
    expect(c.take()).toBe('-ERR max number of clients reached\r\n');
    expect([info(a, 'connected_clients'), info(a, 'rejected_connections')]).toEqual(['2', '1']);
    expect(info(a, 'total_connections_received')).toBe('2');
  });

  test('who leaves makes room', () => {
    const server = new LoneNode('maxclients 2');
    const [a, b] = [server.connect(), server.connect()];
    b.close();
    server.host.finishTurn();
    expect(server.connect().run('PING')).toBe('+PONG\r\n');
    expect(a.run('CONFIG', 'SET', 'maxclients', '1')).toBe('+OK\r\n');
    expect(server.connect().open).toBe(false);
  });

  test('in a cluster the text counts its connections, too', () => {
    const server = new LoneNode('maxclients 1', 'cluster-enabled yes');
    server.connect();
    expect(server.connect().take()).toBe('-ERR max number of clients + cluster connections reached\r\n');
  });
});

describe('protected mode', () => {
  const [denied] = readStreams('denied');

  // biome-ignore format: a table
  test.each<[string, string, string[], boolean]>([
    // from                  address                configuration             served
    ['this machine',         '127.0.0.1:5000',      [],                       true],
    ['this machine, IPv6',   '[::1]:5000',          [],                       true],
    ['another of 127/8',     '127.0.0.2:5000',      [],                       false],
    ['the network',          '10.0.0.9:5000',       [],                       false],
    ['the network, IPv6',    '[fd00::9]:5000',      [],                       false],
    ['what looks like us',   '127.0.0.11:5000',     [],                       false],
    ['nobody knows where',   '?:0',                 [],                       false],
    ['the network',          '10.0.0.9:5000',       ['protected-mode no'],    true],
    ['the network',          '10.0.0.9:5000',       ['requirepass secret'],   true],
    ['the network',          '10.0.0.9:5000',       ['bind 10.0.0.1'],        false],
  ])('%s (%s) with %j', (_, address, conf, served) => {
    const guest = new LoneNode(...conf).connect(address);
    expect({ open: guest.open, heard: guest.take() }).toEqual({ open: served, heard: served ? '' : denied?.answer });
  });

  test('who is turned away counts as rejected, not as received', () => {
    const server = new LoneNode();
    const local = server.connect();
    server.connect('10.0.0.9:5000');
    expect([info(local, 'rejected_connections'), info(local, 'total_connections_received')]).toEqual(['1', '1']);
  });
});

describe('requirepass', () => {
  test('changes for who comes, not for who is there; without one nobody needs it', () => {
    const server = new LoneNode('requirepass one');
    const [a, b] = [server.connect(), server.connect()];
    expect(a.say('AUTH one')).toBe('+OK\r\n');
    expect(a.say('CONFIG SET requirepass two')).toBe('+OK\r\n');
    expect([a.say('PING'), b.say('AUTH one').slice(0, 10)]).toEqual(['+PONG\r\n', '-WRONGPASS']);
    a.run('CONFIG', 'SET', 'requirepass', '');
    expect([a.say('PING'), b.say('PING')]).toEqual(['+PONG\r\n', '+PONG\r\n']);
  });

  test('without it, no more than 16 KiB of replies', () => {
    const server = new LoneNode('requirepass secret', 'loglevel verbose');
    const [few, many, known] = [server.connect(), server.connect(), server.connect()];
    few.send(inline(`${'PING\r\n'.repeat(480)}PING`));
    expect(few.take().length).toBe(481 * 34);
    many.send(inline(`${'PING\r\n'.repeat(481)}PING`));
    expect([many.take(), many.open]).toEqual(['', false]);
    expect(logged(server, 'warning')[0]).toMatch(
      /^Client id=2 addr=.* scheduled to be closed ASAP for overcoming of output buffer limits\.$/,
    );
    known.send(inline(`AUTH secret\r\n${'PING\r\n'.repeat(4000)}`));
    expect(known.take()).toBe(`+OK\r\n${'+PONG\r\n'.repeat(4000)}`);
  });

  test('without it, no backlog', () => {
    const server = new LoneNode('requirepass secret');
    const guest = server.connect();
    guest.isDeaf = true;
    for (let i = 0; i < 10 && guest.open; i++) guest.send(inline('PING\r\n'.repeat(100)));
    expect(guest.open).toBe(false);
  });
});

describe('timeout', () => {
  test('who is silent for longer goes, but not who waits or watches', () => {
    const server = new LoneNode('timeout 10', 'loglevel verbose');
    const [silent, talking, waiting, watching] = Array.from({ length: 4 }, () => server.connect());
    watching?.say('MONITOR');
    talking?.say('CLIENT PAUSE 60000 WRITE');
    waiting?.send(inline('SET k v'));
    server.pass(9000);
    talking?.say('PING');
    expect([silent?.open, talking?.open]).toEqual([true, true]);
    server.pass(3000);
    expect([silent, talking, waiting, watching].map((client) => client?.open)).toEqual([false, true, true, true]);
    expect(logged(server, 'verbose').filter((line) => !line.startsWith('Accepted'))).toEqual(['Closing idle client']);
  });
});

test('timeout: who reads a long reply, be it slowly, is not idle; who does not read at all is', () => {
  const server = new LoneNode('timeout 10');
  const client = server.connect();
  client.isDeaf = true;
  for (let i = 0; i < 5; i++) client.say('PING');
  for (let i = 0; i < 4; i++) {
    server.pass(8000);
    client.readOne();
  }
  expect(client.open).toBe(true);
  server.pass(13_000);
  expect(client.open).toBe(false);
});

describe('client-output-buffer-limit', () => {
  const SLOW = ['client-output-buffer-limit normal 1mb 200kb 5'];

  function deaf(server: LoneNode): TestConnection {
    const client = server.connect();
    client.run('SET', 'big', 'x'.repeat(100_000));
    client.isDeaf = true;
    return client;
  }

  test('hard: at once', () => {
    const server = new LoneNode(...SLOW);
    const client = deaf(server);
    for (let i = 0; i < 9; i++) client.say('GET big');
    expect(client.open).toBe(true);
    for (let i = 0; i < 2; i++) client.send(inline('GET big'));
    expect(client.open).toBe(false);
    expect(logged(server, 'warning')[0]).toContain(
      'scheduled to be closed ASAP for overcoming of output buffer limits.',
    );
  });

  test('soft: only after its seconds, even if nothing more is written', () => {
    const server = new LoneNode(...SLOW);
    const client = deaf(server);
    for (let i = 0; i < 3; i++) client.say('GET big');
    server.pass(5000);
    expect(client.open).toBe(true);
    server.pass(2000);
    expect(client.open).toBe(false);
    expect(logged(server, 'warning')[0]).toMatch(/^Client id=1 .* closed for overcoming of output buffer limits\.$/);
  });

  test('soft: who catches up in time starts anew', () => {
    const server = new LoneNode(...SLOW);
    const client = deaf(server);
    for (let i = 0; i < 3; i++) client.say('GET big');
    server.pass(4000);
    client.listenAgain();
    server.pass(1000);
    client.isDeaf = true;
    for (let i = 0; i < 3; i++) client.say('GET big');
    server.pass(4000);
    expect(client.open).toBe(true);
    server.pass(3000);
    expect(client.open).toBe(false);
  });

  test('a reply that passes it is not sent at all, and not even built', () => {
    const server = new LoneNode(...SLOW);
    const [client, other] = [server.connect(), server.connect()];
    other.run('SET', 'big', 'x'.repeat(900_000));
    other.say('SADD set a');
    client.send(inline('PING\r\nMGET big big big big'));
    expect([client.take(), client.open]).toEqual(['', false]);
    const endless = server.connect();
    endless.send(inline('SRANDMEMBER set -4000000000\r\nPING'));
    expect([endless.take(), endless.open]).toEqual(['', false]);
    expect(other.run('PING')).toBe('+PONG\r\n');
  });

  test('a transaction runs to its end all the same', () => {
    const server = new LoneNode(...SLOW);
    const [client, other] = [server.connect(), server.connect()];
    other.run('SET', 'big', 'x'.repeat(900_000));
    client.send(inline('MULTI\r\nSET a 1\r\nGET big\r\nGET big\r\nSET b 2\r\nEXEC\r\nSET c 3'));
    expect(client.open).toBe(false);
    expect(other.run('MGET', 'a', 'b', 'c')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n');
  });

  test('without it a client that never reads keeps everything, in order', () => {
    const server = new LoneNode();
    const client = deaf(server);
    for (let i = 0; i < 50; i++) client.send(inline(`ECHO ${i}\r\nGET big`));
    client.listenAgain();
    const echoes = client.take().match(/\$\d\r\n\d+\r\n/g);
    expect(echoes).toEqual(Array.from({ length: 50 }, (_, i) => `$${String(i).length}\r\n${i}\r\n`));
  });
});

describe('client-query-buffer-limit', () => {
  test('what is not yet an argument counts', () => {
    const server = new LoneNode('client-query-buffer-limit 1mb');
    const client = server.connect();
    const value = 'v'.repeat(900_000);
    expect(client.run('MSET', 'a', value, 'b', value)).toBe('+OK\r\n');
    client.send(Buffer.from('*2\r\n$4\r\nECHO\r\n$5000000\r\n"\x01'));
    for (let i = 0; i < 20 && client.open; i++) client.send(Buffer.alloc(60_000, 'e'));
    expect(client.open).toBe(false);
    expect(logged(server, 'warning')[0]).toMatch(
      /^Closing client that reached max query buffer length: id=1 .* \(qbuf initial bytes: "\\"\\x01e{62}"\)$/,
    );
  });

  test('also of a client that waits', () => {
    const server = new LoneNode('client-query-buffer-limit 1mb');
    const client = server.connect();
    server.connect().say('CLIENT PAUSE 1000');
    for (let i = 0; i < 100 && client.open; i++) client.send(inline(`ECHO ${'e'.repeat(20_000)}`));
    expect(client.open).toBe(false);
    server.pass(2000);
    expect(server.connect().say('PING')).toBe('+PONG\r\n');
  });
});

describe('clients that wait', () => {
  test('are served in order when the pause is over, whatever they sent meanwhile and however it was cut', () => {
    const server = new LoneNode();
    const [pausing, client] = [server.connect(), server.connect()];
    pausing.say('CLIENT PAUSE 5000');
    const stream = Buffer.from(
      'SET k "a\\x41 b"\r\nGET k\r\n*3\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n$1\r\nc\r\nGET \'k\'\r\n',
    );
    for (const byte of stream) client.send(Buffer.from([byte]));
    expect(client.take()).toBe('');
    server.pass(6000);
    expect(client.take()).toBe('+OK\r\n$4\r\naA b\r\n:5\r\n$5\r\naA bc\r\n');
  });

  test('are not answered amid the replies of who lets them go on', () => {
    const server = new LoneNode();
    const [pausing, client] = [server.connect(), server.connect()];
    pausing.say('CLIENT PAUSE 5000 WRITE');
    client.send(inline('INCR n\r\nPING'));
    pausing.send(inline('PING one\r\nCLIENT UNPAUSE\r\nPING two'));
    expect(pausing.take()).toBe('$3\r\none\r\n+OK\r\n$3\r\ntwo\r\n');
    expect(client.take()).toBe(':1\r\n+PONG\r\n');
  });

  test('may leave, and nothing of theirs runs then', () => {
    const server = new LoneNode();
    const [pausing, client] = [server.connect(), server.connect()];
    pausing.say('CLIENT PAUSE 5000 WRITE');
    client.send(inline('INCR n'));
    client.close();
    server.pass(6000);
    expect(pausing.say('GET n')).toBe('$-1\r\n');
    expect(info(pausing, 'connected_clients')).toBe('1');
  });

  test('may come to wait again', () => {
    const server = new LoneNode();
    const [pausing, client] = [server.connect(), server.connect()];
    pausing.say('CLIENT PAUSE 1000');
    client.send(inline('PING\r\nCLIENT PAUSE 1000\r\nSET "k" v\r\nPING'));
    server.pass(1500);
    expect(client.take()).toBe('+PONG\r\n+OK\r\n');
    server.pass(1500);
    expect(client.take()).toBe('+OK\r\n+PONG\r\n');
  });
});

describe('what is logged', () => {
  test('an attack once a minute', () => {
    const server = new LoneNode();
    const attack = (): string[] => {
      server.connect().send(inline('POST / HTTP/1.1\r\nHost: x'));
      return logged(server, 'warning');
    };
    const line =
      'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is ' +
      'likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. ' +
      'Connection aborted.';
    expect([attack(), attack()]).toEqual([[line], []]);
    server.pass(61_000);
    expect(attack()).toEqual([line]);
  });

  test('at verbose, who comes, what was wrong with the protocol, who goes', () => {
    const server = new LoneNode('loglevel verbose');
    const client = server.connect('127.0.0.1:5000');
    client.send(Buffer.from('*1\r\n$4\r\nPING\r\n*1\r\n!x\r\n\x01'));
    const other = server.connect('[::1]:5001');
    if (other.client !== null) server.node.ended(other.client);
    const lines = logged(server, 'verbose');
    expect(lines[0]).toBe('Accepted 127.0.0.1:5000');
    expect(lines[1]).toMatch(
      /^Protocol error \(expected \$ but got something else\) from client: id=1 addr=127.0.0.1:/,
    );
    expect(lines[1]).toMatch(/ resp=2\. Query buffer during protocol error: '!x\.\.\.'$/);
    expect(lines[2]).toBe('Accepted ::1:5001');
    expect(lines[3]).toMatch(/^Client closed connection id=2 addr=\[::1\]:5001 .*/);
  });

  test('of a long broken request, both ends', () => {
    const server = new LoneNode('loglevel verbose');
    server.connect().send(inline(`*1\r\n!${'a'.repeat(100)}${'b'.repeat(100)}`));
    const sample = logged(server, 'verbose')[1]?.split('. Query')[1];
    expect(sample).toBe(
      ` buffer during protocol error: '!${'a'.repeat(63)}' (... more 75 bytes ...) '${'b'.repeat(62)}..'`,
    );
  });
});

test('a client that goes amid its own pipeline leaves nothing to the next one', () => {
  const server = new LoneNode();
  const [first, second] = [server.connect(), server.connect()];
  first.send(inline(`PING\r\nCLIENT KILL ID ${first.client?.id} SKIPME no\r\nPING`));
  expect([first.take(), first.open]).toEqual(['+PONG\r\n:1\r\n', false]);
  second.send(inline('ECHO mine'));
  expect(second.take()).toBe('$4\r\nmine\r\n');
});
