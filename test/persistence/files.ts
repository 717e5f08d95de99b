/**
 * RDB files for tests: those that redis-server wrote (test/golden/rdb), made by hand, or written from a keyspace.
 */
import { readFileSync } from 'node:fs';
import { splitArguments } from '../../src/base/quoting.js';
import { eachKey } from '../../src/keyspace/scan.js';
import type { KeyWriter } from '../../src/persistence/key-writer.js';
import { type Fed, type LoadOptions, RdbLoader } from '../../src/persistence/rdb-reader.js';
import { RdbWriter } from '../../src/persistence/rdb-writer.js';
import { Commander } from '../support/commander.js';

export const NOW = 1_700_000_000_000;

const golden = (name: string): Buffer => readFileSync(new URL(`../golden/rdb/${name}`, import.meta.url));

export function goldenFile(name: string): { bytes: Buffer; digest: string } {
  const lines = golden('digests.txt').toString().split('\n');
  const digest = lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1];
  return { bytes: golden(name), digest: `+${digest}\r\n` };
}

/** A server that ran what the golden files were recorded after. */
export function goldenServer(): Commander {
  const server = quietServer();
  for (const line of golden('commands.txt').toString().split('\n')) {
    if (line !== '' && !line.startsWith('#')) server.run(...(splitArguments(Buffer.from(line)) ?? []));
  }
  return server;
}

export function quietServer(): Commander {
  const server = new Commander();
  server.engine.observer = null;
  return server;
}

export interface Loading {
  readonly server: Commander;
  readonly loader: RdbLoader;
}

/** Into an empty server: a new one, or one that is given and emptied first. */
export function startLoading(options: Partial<LoadOptions> = {}, server = quietServer()): Loading {
  server.run('FLUSHALL');
  return { server, loader: new RdbLoader(server.engine, { checksum: true, isPrimary: true, now: NOW, ...options }) };
}

/** Feeds pieces of a size, each spoilt afterwards: nothing of them may be looked at later. */
export function feedAll(loader: RdbLoader, bytes: Uint8Array, size: number): Fed {
  let fed: Fed = { kind: 'more' };
  for (let at = 0; at < bytes.length && fed.kind === 'more'; at += size) {
    const piece = Uint8Array.from(bytes.subarray(at, at + size));
    fed = loader.feed(piece);
    piece.fill(0xaa);
  }
  return fed;
}

/** A file of version 10 around some bytes, without a checksum. */
export function handMade(...parts: (string | number[])[]): Buffer {
  const bytes = parts.map((part) => Buffer.from(part as string, 'latin1'));
  return Buffer.concat([Buffer.from('REDIS0010'), ...bytes, Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 0])]);
}

/** Everything a server holds, as a file. */
export function fileOf(server: Commander, pieceBytes: number): Uint8Array {
  const writer = new RdbWriter({ compress: true, checksum: true, usage: 'none' });
  return writtenBy(writer, server, pieceBytes, [['redis-ver', '7.0.15']]);
}

/** The same by any writer. */
export function writtenBy(
  writer: KeyWriter,
  { engine }: Commander,
  pieceBytes: number,
  aux: readonly (readonly [name: string, value: string])[] = [],
): Buffer {
  const parts: Uint8Array[] = [];
  writer.begin(aux);
  for (let i = 0; i < engine.databaseCount; i++) {
    const db = engine.database(i);
    if (db.size === 0) continue;
    writer.selectDatabase(i, db.size, db.mortalCount);
    eachKey(db, (e) => {
      const pieces = writer.startEntry(db, e);
      while (!pieces.piece(pieceBytes)) parts.push(writer.take());
    });
  }
  writer.end();
  return Buffer.concat([...parts, writer.take()]);
}
