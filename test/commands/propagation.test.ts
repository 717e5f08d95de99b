/** The stream of changes, against what a redis-server 7.0.15 sent to a replica, and by hand where chance has a say. */
import { describe, expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';
import { propagationGroups, readPropagation } from '../support/propagation-file.js';
import { linesOf } from '../support/stream-text.js';

/** Keeps the stream. */
class Reader {
  private bytes = Buffer.alloc(0);

  append(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(from, to)]);
  }

  take(): Buffer {
    const { bytes } = this;
    this.bytes = Buffer.alloc(0);
    return bytes;
  }

  raw(): string {
    return this.take().toString('latin1');
  }
}

function started(...conf: string[]) {
  const server = new LoneNode('enable-debug-command yes', ...conf);
  const reader = new Reader();
  server.node.dispatcher.propagation.sink = reader;
  const lines = () => linesOf(reader.take(), server.node.engine.now);
  return { server, reader, lines, client: server.connect() };
}

describe.each(propagationGroups())('as Redis: %s', (group) => {
  test.each(readPropagation(group).map((each) => [each.title, each] as const))('%s', (_title, { steps }) => {
    const { server, lines, client } = started();
    const clients = [client, server.connect()];
    client.say('DEBUG SET-ACTIVE-EXPIRE 0');
    client.say('FLUSHALL');
    expect(lines()).toEqual(['SELECT 0', 'FLUSHALL']);
    for (const step of steps) {
      if (step.waitMs > 0) server.pass(step.waitMs);
      else clients[step.client]?.runBytes(step.args);
      expect({ line: step.line, text: step.text, stream: lines() }).toEqual({
        line: step.line,
        text: step.text,
        stream: step.stream,
      });
    }
  });
});

describe('the form', () => {
  test('a command goes out as it came, behind a SELECT', () => {
    const { client, reader } = started();
    client.run('set', 'k', 'v');
    client.run('GET', 'k');
    client.run('sEt', 'k', 'w');
    expect(reader.raw()).toBe(
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n*3\r\n$3\r\nsEt\r\n$1\r\nk\r\n$1\r\nw\r\n',
    );
  });
});
