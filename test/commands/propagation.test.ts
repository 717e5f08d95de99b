/** The stream of changes, against what a redis-server 7.0.15 sent to a replica, and by hand where chance has a say. */
import { describe, expect, test } from 'vitest';
import { LoneNode } from '../support/lone-node.js';

/** Keeps the stream as a text of its commands, blanks between the words. */
class Reader {
  private bytes = Buffer.alloc(0);
  appends = 0;

  append(bytes: Uint8Array, from: number, to: number): void {
    this.appends++;
    this.bytes = Buffer.concat([this.bytes, bytes.subarray(from, to)]);
  }

  get raw(): string {
    return this.bytes.toString('latin1');
  }

  forget(): void {
    this.bytes = Buffer.alloc(0);
    this.appends = 0;
  }
}

function started(...conf: string[]) {
  const server = new LoneNode(...conf);
  const reader = new Reader();
  server.node.dispatcher.propagation.sink = reader;
  return { server, reader, client: server.connect() };
}

describe('the stream', () => {
  test('a command goes out as it came, behind a SELECT', () => {
    const { client, reader } = started();
    client.run('set', 'k', 'v');
    client.run('GET', 'k');
    client.run('sEt', 'k', 'w');
    expect(reader.raw).toBe(
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$1\r\nk\r\n$1\r\nv\r\n*3\r\n$3\r\nsEt\r\n$1\r\nk\r\n$1\r\nw\r\n',
    );
  });
});
