/**
 * Append-only files for tests: those that redis-server wrote (test/golden/aof), made by hand, or written from a
 * keyspace; and a server that has run one.
 */
import { readFileSync } from 'node:fs';
import { type AofDamage, AofReader, type OnAnnotation } from '../../../src/persistence/aof/aof-reader.js';
import type { Request } from '../../../src/resp/request.js';
import type { Commander } from '../../support/commander.js';
import { quietServer } from '../files.js';

export function golden(name: string): Buffer {
  return readFileSync(new URL(`../../golden/aof/${name}`, import.meta.url));
}

export function goldenDigest(name: string): string {
  const lines = golden('digests.txt').toString().split('\n');
  return `+${lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1]}\r\n`;
}

/** Commands and annotations as redis writes them: 'SET k v', '#TS:1700000000'. */
export function aof(...lines: readonly string[]): string {
  return lines.map((line) => (line.startsWith('#') ? `${line}\r\n` : String(record(line.split(' '))))).join('');
}

/** A command as it stands in a log. */
export function record(words: readonly (string | Uint8Array)[]): Buffer {
  const parts = words.map((word) => Buffer.from(word as string));
  const bulks = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...bulks]);
}

const argumentsOf = (request: Request): Buffer[] => Array.from({ length: request.argc }, (_, i) => request.bytes(i));

export interface Reading {
  readonly reader: AofReader;
  readonly commands: Buffer[][];
  readonly damage: AofDamage | null;
}

/** Feeds pieces of the given sizes in turn, each spoilt afterwards: nothing of them may be looked at later. */
export function readAof(
  bytes: Uint8Array,
  sizes: readonly number[],
  onAnnotation: OnAnnotation | null = null,
): Reading {
  const reader = new AofReader(0);
  reader.onAnnotation = onAnnotation;
  const commands: Buffer[][] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    reader.feed(piece);
    piece.fill(0xaa);
    for (let one = reader.next(); one !== null; one = reader.next()) commands.push(argumentsOf(one));
    at += size;
  }
  return { reader, commands, damage: reader.end() };
}

/** Runs all commands of files; what a transaction queues runs in its turn. */
export function serverOf(...files: readonly Uint8Array[]): Commander {
  const server = quietServer();
  for (const file of files) {
    const { commands, damage } = readAof(file, [4096]);
    if (damage !== null) throw new Error(JSON.stringify(damage));
    for (const command of commands) {
      if (['MULTI', 'EXEC'].includes(String(command[0]))) continue;
      const reply = server.run(...command);
      if (reply.startsWith('-')) throw new Error(`${String(command[0])}: ${reply}`);
    }
  }
  return server;
}
