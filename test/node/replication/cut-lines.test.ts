/** A replica's handshake, fed in chunks of every size: where a line was cut is nobody's business. */
import { describe, expect, test } from 'vitest';
import { following } from '../../support/one-link.js';

const ID = 'a'.repeat(40);
const HANDSHAKE = '+PONG\r\n+OK\r\n+OK\r\n';

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('chunks of %i bytes', (size) => {
  test('PONG, the answers to REPLCONF, and signs of life in between', () => {
    const { host } = following();
    const answers = Buffer.from('+PONG\r\n+OK\r\n+OK\r\n');
    for (let at = 0; at < answers.length; at += size) host.events?.onBytes(answers.subarray(at, at + size));
    expect(host.said).toContain('PSYNC');
    expect(host.lines.filter((line) => line.includes('Protocol error'))).toEqual([]);
    host.hear('\n');
    host.hear('\n');
    expect(host.lines.filter((line) => line.includes('Protocol error'))).toEqual([]);
  });
});

test('a file that ends in the middle, though all of its bytes came, is asked for again', () => {
  const { host, node } = following();
  host.hear(HANDSHAKE);
  host.events?.onBytes(Buffer.from(`+FULLRESYNC ${ID} 5\r\n$14\r\nREDIS0010\xffcut!`, 'latin1'));
  host.pass(100);
  const failed = 'warning: Failed trying to load the MASTER synchronization DB from disk: premature end of file';
  expect(host.lines).toContain(failed);
  expect(host.lines.slice(host.lines.indexOf(failed) + 1)).toContain(
    'notice: Reconnecting to MASTER 10.0.0.1:6379 after failure',
  );
  expect(node.replication.isConnected).toBe(false);
  host.said = '';
  host.events?.onUp();
  expect(host.said).toContain('PING');
});

test.each(['abc 5', `${ID} five`, ''])(
  '+FULLRESYNC %s names no history: the data is taken, and not gone on with',
  (words) => {
    const { host, node } = following();
    host.hear(HANDSHAKE);
    host.hear(`+FULLRESYNC ${words}\r\n`);
    expect(host.lines).toContain('warning: Master replied with wrong +FULLRESYNC syntax.');
    host.events?.onBytes(Buffer.from(`$18\r\nREDIS0010\xff${'\0'.repeat(8)}`, 'latin1'));
    host.pass(100);
    expect(node.replication.isConnected).toBe(true);
    expect(node.replication.history.id).not.toBe(ID);
  },
);
