/**
 * Records the append-only files of a real redis-server: after the commands of ../rdb/commands.txt, rewritten in the
 * form of commands, and what comes behind.
 *
 *   node test/golden/aof/record.mjs        needs Debian's redis; fills first.aof, base.aof, incr.aof, the manifests
 *                                          (before and after the rewrite, and with an odd name) and digests.txt
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker, freePort } from '../real-server.mjs';

const here = (name) => new URL(name, import.meta.url);
const OPTIONS = ['--bind', '127.0.0.1', '--save', '', '--enable-debug-command', 'yes', '--appendonly', 'yes'];
const COMMANDS = ['--aof-use-rdb-preamble', 'no', '--aof-timestamp-enabled', 'yes'];
/** In one go: the mark behind each question would be queued. */
const TRANSACTION = 'MULTI\r\nINCR later\r\nRPUSH behind a b\r\nEXEC';
/** What comes behind the rewrite. */
const LATER = ['SELECT 3', 'SET later 1', TRANSACTION, 'SELECT 0', 'DEL behind'];

async function record(options, run) {
  const folder = mkdtempSync(join(tmpdir(), 'golden-aof-'));
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--dir', folder, ...OPTIONS, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const text of server.stdout) if (String(text).includes('Ready to accept connections')) break;
    const asker = await Asker.open(port);
    await run(asker, (from, to) => copyFileSync(join(folder, 'appendonlydir', from), here(to)));
    asker.close();
  } finally {
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

const digest = async (asker) =>
  String(await asker.ask('DEBUG DIGEST'))
    .trim()
    .slice(1);

async function rewrite(asker) {
  await asker.ask('BGREWRITEAOF');
  while (String(await asker.ask('INFO persistence')).includes('aof_rewrite_in_progress:1')) await sleep(50);
}

await record(COMMANDS, async (asker, copy) => {
  for (const line of readFileSync(here('../rdb/commands.txt'), 'utf8').split('\n'))
    if (line !== '' && !line.startsWith('#')) await asker.ask(line);
  copy('appendonly.aof.manifest', 'first.manifest');
  copy('appendonly.aof.1.incr.aof', 'first.aof');
  const rewritten = await digest(asker);
  await rewrite(asker);
  for (const line of LATER) await asker.ask(line);
  copy('appendonly.aof.manifest', 'rewritten.manifest');
  copy('appendonly.aof.2.base.aof', 'base.aof');
  copy('appendonly.aof.2.incr.aof', 'incr.aof');
  writeFileSync(here('digests.txt'), `base.aof ${rewritten}\nincr.aof ${await digest(asker)}\n`);
});

const ODD = 'an "odd" \x01é name';
await record(['--appendfilename', ODD], async (_asker, copy) => copy(`${ODD}.manifest`, 'odd.manifest'));
