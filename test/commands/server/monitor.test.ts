/**
 * MONITOR on a whole node: the line of a command, which commands have one, and in which order lines and replies come.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';

function watched(...conf: readonly string[]) {
  const server = new LoneNode(...conf);
  const client = server.connect('127.0.0.1:50100');
  const monitor = server.connect('127.0.0.1:50200');
  expect(monitor.say('MONITOR')).toBe('+OK\r\n');
  return { server, client, monitor };
}

/** Lines without their time. */
function linesOf(monitor: TestConnection): string[] {
  const lines = monitor.take().split('\r\n').slice(0, -1);
  return lines.map((line) => line.replace(/^\+\d+\.\d{6} /, ''));
}

describe('a line', () => {
  test('has seconds and microseconds, the database after the command, and the client', () => {
    const { server, client, monitor } = watched();
    server.pass(1.5);
    client.say('SELECT 9');
    expect(monitor.take()).toBe('+1700000000.001500 [9 127.0.0.1:50100] "SELECT" "9"\r\n');
  });

  test('quotes what does not print', () => {
    const { client, monitor } = watched();
    client.run('SET', 'a "b" \\', '\r\n\t\x07\x08\x00\xff');
    // test strings go out as UTF-8: \xff is two bytes
    expect(linesOf(monitor)).toEqual(['[0 127.0.0.1:50100] "SET" "a \\"b\\" \\\\" "\\r\\n\\t\\a\\b\\x00\\xc3\\xbf"']);
  });
});

describe('who and what is told of', () => {
  test.each<[string, string | null]>([
    ['GET k', '"GET" "k"'],
    ['get', null], // did not run
    ['NOSUCH x', null],
    ['CONFIG GET port', null], // for administrators
    ['CLIENT LIST', null],
    ['CLIENT ID', '"CLIENT" "ID"'],
    ['HINCRBY k f x', '"HINCRBY" "k" "f" "x"'], // ran, and failed
    ['AUTH not-real', '"AUTH" "(redacted)"'],
    ['hello 2 AUTH not-real not-a-password', '"hello" "2" "AUTH" "(redacted)" "(redacted)"'],
    ['RESET', '"RESET"'],
  ])('%s', (said, expected) => {
    const { client, monitor } = watched();
    client.say(said);
    expect(linesOf(monitor)).toEqual(expected === null ? [] : [`[0 127.0.0.1:50100] ${expected}`]);
  });

  test('what a transaction queued, then its EXEC', () => {
    const { client, monitor } = watched();
    for (const said of ['MULTI', 'SET k v', 'SELECT 3', 'EXEC']) client.say(said);
    expect(linesOf(monitor)).toEqual([
      '[0 127.0.0.1:50100] "MULTI"',
      '[0 127.0.0.1:50100] "SET" "k" "v"',
      '[3 127.0.0.1:50100] "SELECT" "3"',
      '[3 127.0.0.1:50100] "EXEC"',
    ]);
  });

  test('an EXEC that is refused closes its MULTI', () => {
    const { client, monitor } = watched();
    for (const said of ['MULTI', 'NOSUCH', 'EXEC']) client.say(said);
    expect(linesOf(monitor)).toEqual(['[0 127.0.0.1:50100] "MULTI"', '[0 127.0.0.1:50100] "EXEC"']);
  });

  test('so does one that is not even begun, with or without MULTI', () => {
    const { client, monitor } = watched();
    for (const said of ['EXEC x', 'MULTI', 'EXEC x', 'SUBSCRIBE c', 'EXEC', 'DISCARD x']) client.say(said);
    const lines = ['"EXEC" "x"', '"MULTI"', '"EXEC" "x"', '"SUBSCRIBE" "c"', '"EXEC"'];
    expect(linesOf(monitor)).toEqual(lines.map((line) => `[0 127.0.0.1:50100] ${line}`));
  });

  test('every monitor, and each reads its own commands between its replies', () => {
    const { server, client, monitor } = watched();
    const other = server.connect('127.0.0.1:50300');
    other.say('MONITOR');
    client.send(Buffer.from('PING\r\n'));
    expect(linesOf(other)).toEqual(linesOf(monitor));
    monitor.send(Buffer.from('PING\r\nPING a\r\n'));
    expect(linesOf(monitor)).toEqual([
      '+PONG',
      '[0 127.0.0.1:50200] "PING"',
      '$1',
      'a',
      '[0 127.0.0.1:50200] "PING" "a"',
    ]);
  });
});

describe('beginning and end', () => {
  test('said twice, it is not answered the second time', () => {
    const { monitor } = watched();
    expect(monitor.say('MONITOR')).toBe('');
  });

  test.each(['GET k', 'SET k v', 'DEL k', 'KEYS *', 'TOUCH k'])('a monitor may not touch keys: %s', (said) => {
    const { monitor } = watched();
    expect(monitor.say(said)).toBe("-ERR Replica can't interact with the keyspace\r\n");
    expect(monitor.say('PING')).toContain('+PONG');
    monitor.say('RESET');
    expect(monitor.say(said)).not.toContain('Replica');
  });

  test('no pause holds a monitor back', () => {
    const { client, monitor } = watched();
    client.say('CLIENT PAUSE 1000 ALL');
    expect(client.say('PING')).toBe('');
    monitor.take();
    expect(monitor.say('PING')).toContain('+PONG');
  });

  test('not in EXEC', () => {
    const { client } = watched();
    client.say('MULTI');
    client.say('MONITOR');
    expect(client.say('EXEC')).toBe("*1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n");
    expect(client.say('GET k')).toBe('$-1\r\n');
  });

  test('RESET, QUIT and a lost connection end it', () => {
    const { server, client, monitor } = watched();
    expect(monitor.say('RESET')).toBe('+RESET\r\n');
    client.say('PING');
    expect(monitor.take()).toBe('');
    const [quitter, lost] = [server.connect(), server.connect()];
    for (const connection of [quitter, lost]) connection.say('MONITOR');
    quitter.say('QUIT');
    client.say('PING');
    expect(linesOf(lost)).toEqual(['[0 127.0.0.1:50002] "QUIT"', '[0 127.0.0.1:50100] "PING"']);
    lost.close();
    server.host.finishTurn();
    expect(client.say('PING')).toBe('+PONG\r\n');
    expect(server.node.gate.alert).toBe(0);
  });

  test('CLIENT REPLY OFF silences the lines as well', () => {
    const { client, monitor } = watched();
    monitor.say('CLIENT REPLY OFF');
    client.say('PING');
    expect(monitor.take()).toBe('');
  });
});
