/**
 * Where messages stand among the replies of whoever hears them, and what becomes of those who do not read.
 */
import { describe, expect, test } from 'vitest';
import { LoneNode, type TestConnection } from '../../support/lone-node.js';
import { readAllRaw } from '../../commands/raw-reply.js';

function bulks(...texts: readonly string[]): string {
  return texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('');
}

function request(...args: readonly string[]): string {
  return `*${args.length}\r\n${bulks(...args)}`;
}

const message = (channel: string, text: string): string => `*3\r\n${bulks('message', channel, text)}`;

/** What two clients sent stands in their sockets when the turn begins: it is read one after the other. */
function inOneTurn(server: LoneNode, ...said: readonly (readonly [TestConnection, string])[]): void {
  const { node } = server;
  for (const [{ client }, text] of said) {
    const bytes = Buffer.from(text, 'latin1');
    bytes.copy(node.intake.shared);
    if (client !== null) node.received(client, bytes.length);
  }
  server.host.finishTurn();
}

describe('within one turn', () => {
  const open = () => {
    const server = new LoneNode('save ""');
    const [a, b] = [server.connect(), server.connect()];
    a.run('SUBSCRIBE', 'c');
    return { server, a, b };
  };

  test('a message stands in front of the replies to what is read behind it', () => {
    const { server, a, b } = open();
    inOneTurn(server, [b, request('PUBLISH', 'c', '1')], [a, request('UNSUBSCRIBE', 'c')]);
    expect(a.take()).toBe(`${message('c', '1')}*3\r\n${bulks('unsubscribe', 'c')}:0\r\n`);
  });

  test('and behind the replies to what was read before', () => {
    const { server, a, b } = open();
    inOneTurn(server, [a, request('PING')], [b, request('PUBLISH', 'c', '1')]);
    expect(a.take()).toBe(`*2\r\n${bulks('pong', '')}${message('c', '1')}`);
  });

  test('whoever has gone hears nothing, and is not counted', () => {
    const { server, a, b } = open();
    inOneTurn(
      server,
      [b, request('PUBLISH', 'c', '1')],
      [a, request('UNSUBSCRIBE')],
      [b, request('PUBLISH', 'c', '2')],
    );
    expect(a.take()).toBe(`${message('c', '1')}*3\r\n${bulks('unsubscribe', 'c')}:0\r\n`);
    expect(b.take()).toBe(':1\r\n:0\r\n');
  });

  test('replies and messages of several turns keep their order', () => {
    const { server, a, b } = open();
    const ping = request('PING', 'x');
    inOneTurn(
      server,
      [a, ping],
      [b, request('PUBLISH', 'c', '1')],
      [a, ping],
      [b, request('PUBLISH', 'c', '2')],
      [a, ping],
    );
    const pong = `*2\r\n${bulks('pong', 'x')}`;
    expect(a.take()).toBe(pong + message('c', '1') + pong + message('c', '2') + pong);
  });
});

describe('a client of RESP3 that hears of its own changes', () => {
  const PREPARED = ['RPUSH l a b c d', 'SADD s a b', 'ZADD z 1 a 2 b', 'HSET h f v g w', 'SET k v'];
  const SAID = (
    'SET k w|LPOP l|LPOP l 2|LMPOP 1 l LEFT|SPOP s|SPOP s 2|ZPOPMIN z|ZPOPMAX z 2|HDEL h f|GETDEL k|MSET a 1 b 2|' +
    'RENAME a c|COPY b d|RPUSH l x y|LMOVE l m LEFT RIGHT|SADD s q|SMOVE s t q|ZADD z 3 c|ZMPOP 1 z MIN|DEL c b d'
  ).split('|');

  test.each(SAID.map((line, i) => [line, i] as const))('%s: the reply is in one piece', (line, i) => {
    const server = new LoneNode('save ""', 'notify-keyspace-events KEA');
    const client = server.connect();
    for (const before of [...PREPARED, ...SAID.slice(0, i)]) client.say(before);
    client.say('HELLO 3');
    client.say('PSUBSCRIBE *');
    const heard = readAllRaw(Buffer.from(client.say(line), 'latin1'));
    expect(heard.filter(({ head }) => head !== '>4').length).toBe(1);
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.every(({ head, parts }) => head !== '>4' || parts[0]?.text === 'pmessage')).toBe(true);
  });
});
