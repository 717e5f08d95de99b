/** A replica's handshake, fed in chunks of every size: where a line was cut is nobody's business. */
import { describe, expect, test } from 'vitest';
import { following } from '../../support/one-link.js';

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
