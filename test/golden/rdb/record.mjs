/**
 * Records what a real redis-server saves after the commands of a file beside this one, and its DEBUG DIGEST; and that
 * of what it reads from files of older versions (old-forms.mjs).
 *
 *   node test/golden/rdb/record.mjs        needs Debian's redis; fills the .rdb files and digests.txt
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asker, freePort } from '../real-server.mjs';
import { OLD_FILES } from './old-forms.mjs';

const here = (name) => new URL(name, import.meta.url);

async function record(name, commands, ...options) {
  const digest = await withServer(
    options,
    () => {},
    async (asker, folder) => {
      for (const line of readFileSync(here(commands), 'utf8').split('\n'))
        if (line !== '' && !line.startsWith('#')) await asker.ask(line);
      await asker.ask('SAVE');
      copyFileSync(join(folder, 'dump.rdb'), here(name));
    },
  );
  return `${name} ${digest}`;
}

async function recordOld([name, bytes]) {
  writeFileSync(here(name), bytes);
  const digest = await withServer(
    [],
    (folder) => copyFileSync(here(name), join(folder, 'dump.rdb')),
    () => {},
  );
  return `${name} ${digest}`;
}

/** Returns the digest at the end. */
async function withServer(options, prepare, use) {
  const folder = mkdtempSync(join(tmpdir(), 'golden-rdb-'));
  prepare(folder);
  const port = await freePort();
  const fixed = ['--bind', '127.0.0.1', '--save', '', '--enable-debug-command', 'yes', '--dir', folder];
  const server = spawn('redis-server', ['--port', String(port), ...fixed, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    for await (const text of server.stdout) if (String(text).includes('Ready to accept connections')) break;
    const asker = await Asker.open(port);
    await use(asker, folder);
    const digest = String(await asker.ask('DEBUG DIGEST')).trim();
    asker.close();
    return digest.slice(1);
  } finally {
    const gone = once(server, 'exit');
    server.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

const digests = [
  await recordOld(OLD_FILES[0]),
  await recordOld(OLD_FILES[1]),
  await record('seven.rdb', 'commands.txt'),
  await record('lfu.rdb', 'commands.txt', '--maxmemory-policy', 'allkeys-lfu'),
  await record('strange.rdb', 'strange.txt'),
  await record('libraries.rdb', 'libraries.txt'),
];
writeFileSync(here('digests.txt'), `${digests.join('\n')}\n`);
