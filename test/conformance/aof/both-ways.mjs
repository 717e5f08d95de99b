/**
 * Two servers, one folder: what one wrote, alive and rewritten under commands, the other loads to the same keys.
 *
 *    npx tsx test/conformance/aof/both-ways.mjs [rounds] [first seed]      ends with "N passed, N failed"
 *
 *    ours ── random commands, BGREWRITEAOF, commands ──▶ appendonlydir ──▶ redis-check-aof ──▶ redis-server
 *    redis-server ── the same ────────────────────────▶ appendonlydir ──────────────────────▶ ours
 *
 * In each round the base is an RDB or commands, timestamps are noted or not, and the server ends by SHUTDOWN or by a
 * kill. DEBUG DIGEST must say the same at both.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask as askOnce, pause, startServer, stopAll } from '../../../bench/servers.mjs';
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { Asker } from '../../golden/real-server.mjs';
import { seeded } from '../../golden/chance.mjs';
import { randomCommands } from '../rdb/real.js';

const rounds = Number(process.argv[2] ?? 4);
const firstSeed = Number(process.argv[3] ?? 1);
const AT_ONCE = 200;
const KEYS = 150;

async function open(kind, folder, config) {
  const server = await startServer({
    kind,
    folder,
    config: { appendonly: 'yes', 'enable-debug-command': 'yes', ...config },
  });
  while (!(await askOnce(server.port, 'PING\r\n')).startsWith('+')) await pause(10); // it loads
  const asker = await Asker.open(server.port);
  const ask = async (...words) => String(await asker.askBytes(encodeRequest(words))).trim();
  return { server, asker, ask };
}

async function fill({ asker, ask }, chance) {
  const commands = randomCommands(chance, KEYS, Date.now());
  const middle = Math.floor(commands.length / 2);
  for (let i = 0; i < commands.length; i += AT_ONCE) {
    if (i <= middle && middle < i + AT_ONCE) await ask('BGREWRITEAOF');
    await asker.askBytes(Buffer.concat(commands.slice(i, i + AT_ONCE).map(encodeRequest)));
  }
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await ask('INFO', 'persistence'))) await pause(20);
  // in one go, since what comes behind would be queued
  const unit = [['MULTI'], ['INCR', 'in:transaction'], ['RPUSH', 'in:list', 'a', 'b'], ['EXEC']];
  await asker.askBytes(Buffer.concat(unit.map(encodeRequest)));
  await ask('DEL', 'in:list');
  while (!/aof_buffer_length:0\r/.test(await ask('INFO', 'persistence'))) await pause(20); // a kill would take it along
}

async function end({ server, asker, ask }, how) {
  if (how === 'kill') process.kill(server.pid, 'SIGKILL');
  else void ask('SHUTDOWN', 'NOSAVE').catch(() => {});
  await pause(50);
  asker.close();
  await server.stop();
}

/** What is wrong, or ''. */
async function oneWay(from, to, seed) {
  const chance = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'aof-ways-'));
  const other = mkdtempSync(join(tmpdir(), 'aof-ways-'));
  try {
    const config = {
      'aof-use-rdb-preamble': chance() < 0.5 ? 'yes' : 'no',
      'aof-timestamp-enabled': chance() < 0.5 ? 'yes' : 'no',
      'rdb-key-save-delay': '200', // so that commands come while the base is written
      appendfsync: chance() < 0.5 ? 'always' : 'everysec',
    };
    const writer = await open(from, folder, config);
    await writer.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    await fill(writer, chance);
    // A sorted set that redis-server wrote as commands is not always what it was: its word for it is what it loads.
    if (from === 'real') await writer.ask('DEBUG', 'LOADAOF');
    const written = await writer.ask('DEBUG', 'DIGEST');
    await end(writer, chance() < 0.5 ? 'kill' : 'shutdown');
    const manifest = join(folder, 'appendonlydir', 'appendonly.aof.manifest');
    const check = spawnSync('redis-check-aof', [manifest], { encoding: 'utf8' });
    if (check.status !== 0) return `redis-check-aof: ${check.stdout}${check.stderr}`;
    cpSync(join(folder, 'appendonlydir'), join(other, 'appendonlydir'), { recursive: true });
    const reader = await open(to, other, {});
    const read = await reader.ask('DEBUG', 'DIGEST');
    const keys = await reader.ask('DBSIZE');
    await end(reader, 'shutdown');
    return read === written && keys !== ':0' ? '' : `${keys} keys, ${written} became ${read}`;
  } finally {
    for (const each of [folder, other]) rmSync(each, { recursive: true, force: true });
  }
}

let passed = 0;
let failed = 0;
try {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++)
    for (const [from, to] of [
      ['ours', 'real'],
      ['real', 'ours'],
      ['ours', 'ours'],
    ]) {
      const wrong = await oneWay(from, to, seed);
      if (wrong === '') passed++;
      else {
        failed++;
        console.log(`seed ${seed}, ${from} to ${to}: ${wrong}`);
      }
    }
} finally {
  await stopAll();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
