/**
 * Proves with the real thing that libraries of functions are kept: what redis-server says of first lines we say, and
 * what it loads, dumps and lists comes back to it from our files as it was.
 *
 *   npx tsx test/conformance/rdb/libraries.ts
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitArguments } from '../../../src/base/quoting.js';
import { readLibrary } from '../../../src/persistence/functions/library.js';
import { ServerOn } from '../../node/persistence/server-on.js';
import { FIRST_LINES } from '../../persistence/functions/samples.js';
import { feedAll, handMade, startLoading } from '../../persistence/files.js';
import { checkRdb, dropFolder, type RealServer, scratchFolder, withRealServer } from './real.js';

const golden = (name: string): Buffer => readFileSync(new URL(`../../golden/rdb/${name}`, import.meta.url));
const COMMANDS = golden('libraries.txt')
  .toString('latin1')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => splitArguments(Buffer.from(line, 'latin1')) ?? []);

let failures = 0;

function compare(what: string, ours: string, theirs: string): void {
  const isSame = ours === theirs;
  if (!isSame) failures++;
  console.log(isSame ? `same: ${what}` : `DIFFERS: ${what}\n  ours   ${ours}\n  theirs ${theirs}`);
}

/** What a reply says: of a library its name, of an error its text. */
const said = (reply: Buffer): string => {
  const [first = '', second = ''] = reply.toString('latin1').split('\r\n');
  return first.startsWith('$') ? `+${second}` : first.replace('-ERR ', '-');
};

/** Everything that FUNCTION LIST tells: redis has no order of libraries. */
const listed = async (server: RealServer): Promise<string> => {
  const text = (await server.ask('FUNCTION', 'LIST', 'WITHCODE')).toString('latin1');
  return text.split('*8\r\n$12\r\nlibrary_name').sort().join('|');
};

async function firstLines(server: RealServer): Promise<void> {
  for (const [code, expected] of FIRST_LINES) {
    const bytes = Buffer.from(code, 'latin1');
    await server.ask('FUNCTION', 'FLUSH');
    const theirs = said(await server.ask('FUNCTION', 'LOAD', bytes));
    const read = readLibrary(bytes);
    const ours = read.ok ? `+${read.library.name}` : `-${read.why}`;
    compare(`first line ${JSON.stringify(code.slice(0, 20))}, ${expected.slice(0, 20)}`, ours, theirs);
  }
}

/** A file of a release candidate of 7.0, made by hand. */
async function oldForm(folder: string): Promise<void> {
  const text = (bytes: string): number[] => [bytes.length, ...Buffer.from(bytes, 'latin1')];
  const code = "redis.register_function('f', function() return 1 end)";
  const file = handMade([246, ...text('mylib'), ...text('LUA'), 1, ...text('told of'), ...text(code)]);
  writeFileSync(join(folder, 'dump.rdb'), file);
  const { loader } = startLoading();
  feedAll(loader, file, 5);
  const ours = Buffer.from([...loader.libraries.all][0]?.code ?? []).toString('latin1');
  const reply = await withRealServer(folder, (server) => server.ask('FUNCTION', 'LIST', 'WITHCODE'));
  compare('a library of a release candidate', `${ours}\r\n`, reply.toString('latin1').slice(-ours.length - 2));
}

/** A node of ours that was given what redis dumped. */
function nodeWith(payload: Buffer, conf: readonly string[]): ServerOn {
  const node = new ServerOn(new Map(), { conf });
  const client = node.connect();
  client.run('FUNCTION', 'RESTORE', payload.subarray(payload.indexOf('\n') + 1, -2));
  client.run('SET', 'k', 'v');
  return node;
}

async function files(folder: string): Promise<void> {
  const [payload, list] = await withRealServer(folder, async (server) => {
    await server.ask('FUNCTION', 'FLUSH');
    await server.ask('FLUSHALL');
    await server.askAll(COMMANDS);
    return [await server.ask('FUNCTION', 'DUMP'), await listed(server)] as const;
  });
  const saved = nodeWith(payload, ['save ""']);
  saved.say('SAVE');
  writeFileSync(join(folder, 'dump.rdb'), saved.pages.get('dump.rdb') ?? Buffer.alloc(0));
  compare('redis-check-rdb of our file', checkRdb(join(folder, 'dump.rdb')), '');
  const [fromRdb, answer] = await withRealServer(
    folder,
    async (server) => [await listed(server), said(await server.ask('FCALL', 'g', '1', 'k'))] as const,
  );
  compare('libraries of our RDB file', fromRdb, list);
  compare('a function of our RDB file runs', '+v', answer);
  for (const preamble of ['yes', 'no']) {
    const logged = nodeWith(payload, ['save ""', 'appendonly yes', `aof-use-rdb-preamble ${preamble}`]);
    logged.pass(10);
    logged.say('BGREWRITEAOF');
    logged.pass(1000);
    await fromLog(logged, list, `of a log, aof-use-rdb-preamble ${preamble}`);
  }
}

async function fromLog(node: ServerOn, list: string, what: string): Promise<void> {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'appendonlydir'));
  for (const [path, bytes] of node.pages) writeFileSync(join(folder, path), bytes);
  const found = await withRealServer(folder, listed, '--appendonly', 'yes');
  compare(`libraries ${what}`, found, list);
  dropFolder(folder);
}

const folder = scratchFolder();
await withRealServer(folder, firstLines);
await oldForm(folder);
await files(folder);
dropFolder(folder);
console.log(failures === 0 ? 'all the same' : `${failures} differ`);
process.exitCode = failures === 0 ? 0 : 1;
