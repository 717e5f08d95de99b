/**
 * A disk that is full: the files of before stay whole, clients hear why they may not write, and all is well again once
 * there is room. On a tmpfs of 8 MiB, so it needs root on Linux; .ci does not run it.
 *
 *    node test/conformance/aof/disk-full.mjs [--only rdb,everysec,always] [--server real]
 *
 *    SET, SAVE or BGREWRITEAOF ▸ a filler takes all the room ▸ what fails, in which words ▸ filler away ▸ what works
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, pause, startServer } from '../../../bench/servers.mjs';
import { expect } from '../cluster/checks.mjs';
import { runProofs } from '../proofs.mjs';

const NO_ROOM = 'No space left on device';
const BIG = 'y'.repeat(20_000);

await runProofs('disk-full', ['mount', 'umount'], {
  rdb: (checks, kind) => onSmallDisk(checks, kind, { save: '3600 1' }, proveRdb),
  everysec: (checks, kind) => onSmallDisk(checks, kind, { appendonly: 'yes', appendfsync: 'everysec' }, proveEverysec),
  always: (checks, kind) => onSmallDisk(checks, kind, { appendonly: 'yes', appendfsync: 'always' }, proveAlways),
});

async function onSmallDisk(checks, kind, config, prove) {
  const disk = mkdtempSync(join(tmpdir(), 'disk-full-'));
  const filler = join(disk, 'filler');
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status === 0, 'a tmpfs needs root');
  const start = () => startServer({ kind, config: { ...config, dir: disk } });
  let server = await start();
  try {
    checks.heading(`${Object.values(config).join(' ')}, ${kind}`);
    await prove(checks, {
      disk,
      says: async (line, reply) => {
        const answer = await ask(server.port, `${line}\r\n`).catch((failure) => String(failure));
        expect(answer.includes(reply), `${line.slice(0, 40)} was answered ${answer.slice(0, 200)}`);
      },
      fill: () => fill(filler),
      makeRoom: () => rmSync(filler, { force: true }),
      again: async () => {
        await server.stop();
        server = await start();
      },
    });
  } finally {
    await server.stop();
    spawnSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
}

function fill(path) {
  const page = Buffer.alloc(4096, 'x');
  try {
    for (;;) appendFileSync(path, page);
  } catch (error) {
    expect(error.code === 'ENOSPC', String(error));
  }
}

/** Each file's bytes, by its path. */
function filesOf(disk) {
  const entries = readdirSync(disk, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'filler');
  return new Map(files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'latin1')]));
}

async function proveRdb(checks, { disk, says, fill: fillUp, makeRoom, again }) {
  await says('SET a 1', '+OK');
  await says('SAVE', '+OK');
  const before = filesOf(disk).get('dump.rdb');
  fillUp();
  await says(`SET big ${BIG}`, '+OK');
  await checks.check('SAVE fails, dump.rdb stays as it is, and nothing else lies there', async () => {
    await says('SAVE', '-ERR');
    const now = filesOf(disk);
    expect(now.size === 1 && now.get('dump.rdb') === before, [...now.keys()].join(' '));
  });
  await checks.check('BGSAVE fails, and clients are told MISCONF', async () => {
    await says('BGSAVE', '+Background saving started');
    await pause(500);
    await says('SET x 1', '-MISCONF Redis is configured to save RDB snapshots');
    expect(filesOf(disk).get('dump.rdb') === before, 'dump.rdb is another one');
  });
  makeRoom();
  await checks.check('with room again it works, and a restart has all of it', async () => {
    await says('BGSAVE', '+Background saving started');
    await pause(500);
    await says('SET x 1', '+OK');
    await says('SAVE', '+OK');
    await again();
    await says('DBSIZE', ':3');
    await says('STRLEN big', ':20000');
  });
}

async function proveEverysec(checks, { disk, says, fill: fillUp, makeRoom, again }) {
  await says('SET a 1', '+OK');
  await says('BGREWRITEAOF', '+Background');
  await pause(500);
  const manifest = filesOf(disk).get('appendonly.aof.manifest');
  fillUp();
  await checks.check('what cannot be written keeps clients from writing more', async () => {
    await says(`SET big ${BIG}`, '+OK');
    await pause(1200);
    await says('SET x 1', `-MISCONF Errors writing to the AOF file: ${NO_ROOM}`);
    await says('GET a', '1');
  });
  await checks.check('no rewrite begins, and the manifest stays', async () => {
    await says('BGREWRITEAOF', "-ERR Can't execute an AOF background rewriting");
    expect(filesOf(disk).get('appendonly.aof.manifest') === manifest, 'the manifest is another one');
  });
  makeRoom();
  await checks.check('with room again all is written, and a restart has it', async () => {
    await pause(2500);
    await says('SET x 2', '+OK');
    await says('BGREWRITEAOF', '+Background');
    await pause(500);
    await says('SET x 3', '+OK');
    await pause(1500);
    await again();
    await says('GET x', '3');
    await says('STRLEN big', ':20000');
  });
}

async function proveAlways(checks, { says, fill: fillUp, makeRoom, again }) {
  await says('SET a 1', '+OK');
  fillUp();
  await checks.check('nothing is acknowledged that is not on disk: the server ends', async () => {
    await says(`SET big ${BIG}`, 'Error: closed after: ');
  });
  makeRoom();
  await checks.check('it starts again, with what it had acknowledged', async () => {
    await again();
    await says('GET a', '1');
    await says('STRLEN big', ':0');
  });
}
