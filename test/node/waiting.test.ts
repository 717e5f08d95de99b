/**
 * A client that waits for the answer to one command, here WAIT: what it sends meanwhile is served behind that answer,
 * and the command itself does not run again.
 */
import { expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

const WAIT = '*3\r\n$4\r\nWAIT\r\n$1\r\n1\r\n$3\r\n100\r\n';
const INCR = '*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n';

/** What is heard of pieces that come one by one while the client waits, and after it. */
function heard(...pieces: readonly string[]): string {
  const server = new LoneNode();
  const client = server.connect();
  for (const piece of pieces) client.send(Buffer.from(piece));
  const before = client.take();
  server.pass(200);
  return `${before}|${client.take()}`.replaceAll('\r\n', ' ');
}

test.each<[string, readonly string[], string]>([
  ['nothing else', [WAIT], '|:0 '],
  ['something in front of it', [INCR + WAIT], ':1 |:0 '],
  ['something behind it, in the same piece', [WAIT + INCR], '|:0 :1 '],
  ['something behind it, in pieces of its own', [WAIT, INCR, INCR], '|:0 :1 :2 '],
  ['a command in two pieces', [WAIT + INCR.slice(0, 9), INCR.slice(9)], '|:0 :1 '],
  ['a command in two pieces that begin later', [WAIT, INCR.slice(0, 9), INCR.slice(9) + INCR], '|:0 :1 :2 '],
  ['itself again', [WAIT + WAIT + INCR], '|:0 :0 :1 '],
  ['inline requests', ['WAIT 1 100\r\nINCR n\r\n', 'INCR n\r\n'], '|:0 :1 :2 '],
  ['a whole batch', [WAIT + INCR.repeat(40)], `|:0 ${Array.from({ length: 40 }, (_, i) => `:${i + 1} `).join('')}`],
  [
    'the last of a whole batch',
    [INCR.repeat(31) + WAIT + INCR],
    `${Array.from({ length: 31 }, (_, i) => `:${i + 1} `).join('')}|:0 :32 `,
  ],
  ['the last but one of a batch', [`${INCR + WAIT}PING\r\n`], ':1 |:0 +PONG '],
])('with %s', (_, pieces, expected) => expect(heard(...pieces)).toBe(expected));
