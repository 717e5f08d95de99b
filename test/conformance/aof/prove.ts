/**
 * Proves the append-only file with the real thing: what redis-server wrote we read and run, what we write it loads, and
 * DEBUG DIGEST says the same on both sides; redis-check-aof approves of every file of ours, and says of damaged ones
 * what `sextet check-aof` says.
 *
 *   npx tsx test/conformance/aof/prove.ts [rounds] [first seed]        ends with "N passed, N failed"
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAof } from '../../../src/cli/aof/check-aof.js';
import { parseArguments } from '../../../src/cli/arguments.js';
import { printable } from '../../../src/cli/key-text.js';
import { Terminal } from '../../../src/cli/terminal.js';
import { AofWriter } from '../../../src/persistence/aof/aof-writer.js';
import {
  EMPTY_MANIFEST,
  formatManifest,
  parseManifest,
  partsToLoad,
  withNewBase,
  withNewIncr,
} from '../../../src/persistence/aof/manifest.js';
import { RdbLoader } from '../../../src/persistence/rdb-reader.js';
import { RdbWriter } from '../../../src/persistence/rdb-writer.js';
import { isRdb } from '../../../src/persistence/aof/aof-reader.js';
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { readAof } from '../../persistence/aof/files.js';
import { writtenBy } from '../../persistence/files.js';
import { seeded } from '../../golden/chance.mjs';
import { Commander } from '../../support/commander.js';
import { randomCommands, type RealServer, withRealServer } from '../rdb/real.js';
import { Paper } from '../../cli/paper.js';

type Chance = () => number;
type Command = (string | Buffer)[];

const rounds = Number(process.argv[2] ?? 4);
const firstSeed = Number(process.argv[3] ?? 1);
const NAME = 'appendonly.aof';
const FOLDER = 'appendonlydir';
const MANIFEST = join(FOLDER, `${NAME}.manifest`);
const DAMAGED_FILES = 40;
const AOF_ON = ['--appendonly', 'yes', '--appendfsync', 'no'];

let passed = 0;
let failed = 0;

function proved(what: string, ours: string, theirs: string): void {
  if (ours === theirs) {
    passed++;
    return;
  }
  failed++;
  const indented = (lines: string): string => lines.replaceAll('\n', '\n         ');
  console.log(`FAILED ${what}\n  here:  ${indented(ours)}\n  there: ${indented(theirs)}`);
}

const text = (reply: Buffer): string => reply.toString('latin1').trim();
const digestOf = (server: Commander): string => text(server.runBytes(['DEBUG', 'DIGEST']));

function emptyServer(): Commander {
  const server = new Commander();
  server.engine.observer = null;
  server.now = Date.now();
  return server;
}

async function rewrite(server: RealServer): Promise<void> {
  await server.ask('BGREWRITEAOF');
  while (String(await server.ask('INFO', 'persistence')).includes('aof_rewrite_in_progress:1')) await sleep(20);
}

/** Runs the files of a manifest, fed in random pieces. */
function loadFolder(folder: string, chance: Chance): Commander {
  const server = emptyServer();
  const found = parseManifest(readFileSync(join(folder, MANIFEST)));
  if (!found.ok) throw new Error(`${found.trouble.why} in line ${found.trouble.lineNumber}`);
  for (const { name } of partsToLoad(found.manifest)) {
    const bytes = readFileSync(join(folder, FOLDER, name));
    if (isRdb(bytes)) loadRdb(server, bytes);
    else runCommands(server, bytes, chance);
  }
  return server;
}

function loadRdb(server: Commander, bytes: Uint8Array): void {
  const loader = new RdbLoader(server.engine, { checksum: true, now: server.now, isPrimary: true });
  const fed = loader.feed(bytes);
  if (fed.kind !== 'done') throw new Error(fed.kind === 'broken' ? fed.reason : 'the base ended too early');
}

function runCommands(server: Commander, bytes: Uint8Array, chance: Chance): void {
  const sizes = Array.from({ length: 20 }, () => 1 + Math.floor(chance() ** 3 * 50_000));
  const { commands, damage } = readAof(bytes, sizes);
  if (damage !== null) throw new Error(`damaged: ${JSON.stringify(damage)}`);
  run(server, commands);
}

/** What a transaction queues runs in its turn. */
function run(server: Commander, commands: readonly Command[]): void {
  for (const command of commands) if (!['MULTI', 'EXEC'].includes(String(command[0]))) server.runBytes(command);
}

/** A folder as a rewrite of ours leaves it: a base, commands behind it, and a manifest. */
function writeFolder(folder: string, server: Commander, form: 'rdb' | 'aof', later: readonly Command[]): void {
  const manifest = withNewIncr(withNewBase(EMPTY_MANIFEST, NAME, form), NAME);
  const [base, incr] = partsToLoad(manifest).map(({ name }) => join(folder, FOLDER, name)) as [string, string];
  const writer =
    form === 'rdb' ? new RdbWriter({ compress: true, checksum: true, usage: 'none' }) : new AofWriter(1_700_000_000);
  mkdirSync(join(folder, FOLDER));
  writeFileSync(base, writtenBy(writer, server, 1e5));
  writeFileSync(incr, Buffer.concat(later.map(encodeRequest)));
  writeFileSync(join(folder, MANIFEST), formatManifest(manifest));
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aof-proof-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Redis itself does not get -0 back from its commands: ZADD makes 0 of it, as long as the sorted set is small. */
function withoutMinusZero(commands: readonly Command[]): Command[] {
  return commands.map((command) => command.map((word) => (word === '-0' ? '0' : word)));
}

// ── files that are whole ────────────────────────────────────────────────────

async function proveTheirs(seed: number, commands: Command[]): Promise<Commander> {
  const preamble = seed % 2 === 0 ? 'yes' : 'no';
  const stamps = seed % 3 === 0 ? 'yes' : 'no';
  return inFolder(async (folder) => {
    const half = Math.floor(commands.length / 2);
    const expected = await withRealServer(
      folder,
      async (server) => {
        await server.askAll(commands.slice(0, half));
        await rewrite(server);
        await server.askAll([commands.find(([name]) => name === 'SELECT') ?? ['SELECT', '0'], ...commands.slice(half)]);
        return text(await server.ask('DEBUG', 'DIGEST'));
      },
      ...[...AOF_ON, '--aof-use-rdb-preamble', preamble, '--aof-timestamp-enabled', stamps],
    );
    const loaded = loadFolder(folder, seeded(seed));
    proved(`seed ${seed}: digest of their files`, digestOf(loaded), expected);
    return loaded;
  });
}

async function proveOurs(seed: number, server: Commander, form: 'rdb' | 'aof'): Promise<void> {
  await inFolder(async (folder) => {
    const later: Command[] = [['SELECT', '1'], ['MULTI'], ['SET', 'behind', String(seed)], ['INCR', 'n'], ['EXEC']];
    writeFolder(folder, server, form, later);
    run(server, later);
    const check = spawnSync('redis-check-aof', [join(folder, MANIFEST)], { encoding: 'latin1' });
    proved(`seed ${seed}: redis-check-aof of a base in ${form} form`, '0', `${check.status}`);
    const digest = await withRealServer(folder, async (real) => text(await real.ask('DEBUG', 'DIGEST')), ...AOF_ON);
    proved(`seed ${seed}: digest of our files, base in ${form} form`, digestOf(server), digest);
    proved(`seed ${seed}: digest of our files, read here`, digestOf(loadFolder(folder, seeded(seed))), digest);
  });
}

// ── files that are damaged ──────────────────────────────────────────────────

/** What both say, without what check-rdb says of a preamble and without our table. Lines are counted on by redis, and
 *  bytes that do not print go to the terminal as they are. */
function common(said: string, folder: string, path: string): string {
  const shown = said.replaceAll("got: '\n'", "got: '\\x0a'");
  const known = shown.replaceAll(/got: 00..$/gm, 'got: 00'); // behind the end of a line it shows what was there before
  const counted = path === MANIFEST ? known.replaceAll(/ok_up_to_line=\d+/g, '') : known;
  const lines = counted.replaceAll(folder, 'FOLDER').split('\n').map(printable);
  return lines.filter((line) => !/^(\[|\s|---|$)/.test(line)).join('\n');
}

/** Damages that redis-check-aof does not call damages, though redis-server loads no such file. */
const OURS_ALONE = ['Expected a command of at least one argument', 'Reached EOF before the end of an annotation'];

async function proveVerdict(seed: number, folder: string, path: string, options: readonly string[]): Promise<void> {
  const theirFolder = `${folder}-theirs`;
  cpSync(folder, theirFolder, { recursive: true });
  const args = [...options, join(theirFolder, path)];
  const theirs = spawnSync('redis-check-aof', args, { encoding: 'latin1', input: 'y\n' });
  const [out, err] = [new Paper(false), new Paper(false)];
  const ask = async (question: string): Promise<string> => {
    out.write(question);
    return 'y';
  };
  const told = parseArguments('check-aof', [...options, join(folder, path)], {});
  const code = await checkAof(told, new Terminal(out, err, {}), ask);
  if (!OURS_ALONE.some((words) => out.text.includes(words))) {
    proved(`seed ${seed}: ${options} exit code`, `${code}`, `${theirs.status}`);
    proved(`seed ${seed}: ${options} words`, common(out.text, folder, path), common(theirs.stdout, theirFolder, path));
    for (const name of readdirSync(join(folder, FOLDER))) {
      const [here, there] = [folder, theirFolder].map((one) => readFileSync(join(one, FOLDER, name), 'latin1'));
      proved(`seed ${seed}: ${options} ${name}`, String(here?.length), String(there?.length));
    }
  }
  rmSync(theirFolder, { recursive: true, force: true });
}

function damage(bytes: Buffer, chance: Chance): Buffer {
  const at = Math.floor(chance() * bytes.length);
  const kind = chance();
  if (kind < 0.5) return bytes.subarray(0, at);
  const other = Buffer.from(bytes);
  if (kind < 0.8) other[at] = (other[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
  else return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(chance() * 20))]);
  return other;
}

function smallLog(chance: Chance): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < 12; i++) {
    const key = `key:${Math.floor(chance() * 5)}`;
    if (chance() < 0.3) parts.push(Buffer.from(`#TS:${1_700_000_000 + i}\r\n`));
    if (chance() < 0.3) parts.push(...[['MULTI'], ['SET', key, 'in'], ['EXEC']].map(encodeRequest));
    parts.push(encodeRequest(['RPUSH', key, 'x'.repeat(Math.floor(chance() * 30)), '\xff\0']));
  }
  return Buffer.concat(parts);
}

async function proveDamaged(seed: number): Promise<void> {
  const chance = seeded(seed);
  await inFolder(async (folder) => {
    const small = emptyServer();
    for (const command of [
      ['SET', 'k', 'v'],
      ['RPUSH', 'l', 'a', 'b'],
    ])
      small.runBytes(command);
    writeFolder(folder, small, chance() < 0.5 ? 'rdb' : 'aof', []);
    const names = readdirSync(join(folder, FOLDER));
    const incr = join(folder, FOLDER, names.find((name) => name.includes('incr')) ?? '');
    writeFileSync(incr, damage(smallLog(chance), chance));
    const cut = ['--truncate-to-timestamp', String(1_700_000_000 + Math.floor(chance() * 13))];
    const options = [[], ['--fix'], cut][Math.floor(chance() * 3)] ?? [];
    await proveVerdict(seed, folder, MANIFEST, options);
    await proveVerdict(seed, folder, incr.slice(folder.length), options);
  });
}

for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
  const loaded = await proveTheirs(seed, withoutMinusZero(randomCommands(seeded(seed), 120, Date.now())));
  await proveOurs(seed, loaded, 'aof');
  await proveOurs(seed, loaded, 'rdb');
  console.log(`seed ${seed}: digest ${digestOf(loaded)}`);
}
for (let seed = 0; seed < DAMAGED_FILES * rounds; seed++) await proveDamaged(firstSeed * 1000 + seed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
