/**
 * Proves the RDB codec with the real thing: what redis-server writes we load, what we write it loads, and DEBUG DIGEST
 * says the same on both sides. redis-check-rdb looks at every file of ours.
 *
 *   npx tsx test/conformance/rdb/prove.ts [rounds] [first seed]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RdbLoader } from '../../../src/persistence/rdb-reader.js';
import { RdbWriter } from '../../../src/persistence/rdb-writer.js';
import { eachKey } from '../../../src/keyspace/scan.js';
import { seeded } from '../../golden/chance.mjs';
import { Commander } from '../../support/commander.js';
import { checkRdb, dropFolder, randomCommands, scratchFolder, withRealServer } from './real.js';

const rounds = Number(process.argv[2] ?? 5);
const firstSeed = Number(process.argv[3] ?? 1);

function loadFile(bytes: Uint8Array, chance: () => number): Commander {
  const server = new Commander();
  server.engine.observer = null;
  server.now = Date.now();
  const loader = new RdbLoader(server.engine, { checksum: true, now: server.now, isPrimary: true });
  let at = 0;
  for (;;) {
    const n = chance() < 0.3 ? 1 + Math.floor(chance() * 10) : 1 + Math.floor(chance() * 50_000);
    // A copy that is spoilt afterwards: nothing may be looked at later.
    const piece = Uint8Array.from(bytes.subarray(at, at + n));
    const fed = loader.feed(piece);
    piece.fill(0xaa);
    if (fed.kind === 'broken') throw new Error(fed.reason);
    if (fed.kind === 'done') return server;
    at += n;
    if (at >= bytes.length) throw new Error('the file ended too early');
  }
}

function writeFile(server: Commander, compress: boolean, inPieces: boolean): Uint8Array {
  const writer = new RdbWriter({ compress, checksum: true, usage: 'none' });
  const parts: Uint8Array[] = [];
  writer.begin([
    ['redis-ver', '7.0.15'],
    ['redis-bits', '64'],
  ]);
  for (let i = 0; i < server.engine.databaseCount; i++) {
    const db = server.engine.database(i);
    if (db.size === 0) continue;
    writer.selectDatabase(i, db.size, db.mortalCount);
    eachKey(db, (e) => {
      if (inPieces) {
        const pieces = writer.startEntry(db, e);
        while (!pieces.piece(1000)) parts.push(writer.take());
      } else writer.entry(db, e);
      if (writer.pendingBytes > 100_000) parts.push(writer.take());
    });
  }
  writer.end();
  parts.push(writer.take());
  return Buffer.concat(parts);
}

const text = (reply: Buffer): string => reply.toString('latin1').trim();

function compare(what: string, seed: number, ours: string, theirs: string): void {
  if (ours === theirs) return;
  throw new Error(`seed ${seed}: ${what}: ${ours} here, ${theirs} there`);
}

for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
  const chance = seeded(seed);
  const commands = randomCommands(chance, 150, Date.now());
  const folder = scratchFolder();
  const file = join(folder, 'dump.rdb');
  const compress = seed % 2 === 0 ? 'yes' : 'no';
  const expected = await withRealServer(
    folder,
    async (server) => {
      await server.askAll(commands);
      await server.ask('SAVE');
      return text(await server.ask('DEBUG', 'DIGEST'));
    },
    '--rdbcompression',
    compress,
  );
  const theirs = readFileSync(file);
  const loaded = loadFile(theirs, chance);
  compare('digest of their file', seed, text(loaded.runBytes(['DEBUG', 'DIGEST'])), expected);

  const built = new Commander();
  built.engine.observer = null;
  built.now = Date.now();
  for (const command of commands) built.runBytes(command);
  compare('digest of the same commands', seed, text(built.runBytes(['DEBUG', 'DIGEST'])), expected);

  for (const server of [loaded, built]) {
    const ours = writeFile(server, compress === 'yes', seed % 3 === 0);
    writeFileSync(file, ours);
    compare('redis-check-rdb', seed, checkRdb(file), '');
    const digest = await withRealServer(folder, async (real) => text(await real.ask('DEBUG', 'DIGEST')));
    compare('digest of our file', seed, expected, digest);
    console.log(`seed ${seed}: ${theirs.length} bytes of theirs, ${ours.length} of ours, digest ${digest}`);
  }
  dropFolder(folder);
}
