/** A replica's handshake, fed in chunks of every size: where a line was cut is nobody's business. */
import { describe, expect, test } from 'vitest';
import type { ByteLink, LinkEvents, StreamAddress } from '../../../src/base/host.js';
import { parseCommandLine } from '../../../src/node/config/command-line.js';
import { pagesWorld } from '../../../src/node/config/world.js';
import { Node } from '../../../src/node/node.js';
import { TestHost } from '../../support/lone-node.js';

/** A host with one link, whose other end is the test. */
class OneLinkHost extends TestHost {
  events: LinkEvents | null = null;
  said = '';

  override connect(_address: StreamAddress, events: LinkEvents): ByteLink {
    this.events = events;
    return {
      write: (bytes) => void (this.said += Buffer.from(bytes).toString('latin1')),
      queuedBytes: () => 0,
      close: () => {},
      pauseReading: () => {},
      resumeReading: () => {},
      remoteHost: '10.0.0.1',
      remotePort: 6379,
      localHost: '10.0.0.2',
      localPort: 40_000,
    };
  }
}

function following(): OneLinkHost {
  const host = new OneLinkHost();
  const file = Buffer.from('replicaof 10.0.0.1 6379');
  const line = parseCommandLine(
    ['/redis.conf'],
    pagesWorld((path) => (path === '/redis.conf' ? file : null)),
  );
  if (!line.ok || !line.run) throw new Error('the configuration is wrong');
  new Node(host, line.config).start();
  host.pass(2000);
  host.events?.onUp();
  return host;
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('chunks of %i bytes', (size) => {
  test('PONG, the answers to REPLCONF, and signs of life in between', () => {
    const host = following();
    const answers = Buffer.from('+PONG\r\n+OK\r\n+OK\r\n');
    for (let at = 0; at < answers.length; at += size) host.events?.onBytes(answers.subarray(at, at + size));
    expect(host.said).toContain('PSYNC');
    expect(host.lines.filter((line) => line.includes('Protocol error'))).toEqual([]);
    host.events?.onBytes(Buffer.from('\n'));
    host.events?.onBytes(Buffer.from('\n'));
    expect(host.lines.filter((line) => line.includes('Protocol error'))).toEqual([]);
  });
});
