/**
 * What a save costs those who are served meanwhile, and how long a start takes: ours beside redis-server.
 *
 * Fifty clients wait for each answer, half of them writes, over all keys of the server; first as it is, then while
 * BGSAVE runs. Memory is the proportional share of the server and of its saving child together, so that what a fork
 * shares counts once. Afterwards the server is killed and started again over the file that was saved.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill } from './memory.mjs';
import { fixed, thousands } from './numbers.mjs';
import { ask, pause } from './servers.mjs';

const CLIENTS = 50;
const NORMAL_MS = 8_000;
const LOOK_MS = 200;
const SETTLE_MS = 2_000;
const VALUE = 'w'.repeat(32);
const WRITTEN = '+OK\r\n'.length;
const READ = `$32\r\n${VALUE}\r\n`.length;
/** Latencies are counted in steps of 10 us, up to 2 s. */
const STEP_US = 10;
const STEPS = 200_000;

/** Clients that ask, wait and ask again, until they are stopped. */
class Load {
  #counts = new Uint32Array(STEPS);
  #total = 0;
  #since = performance.now();
  #isOver = false;

  constructor(port, keys) {
    for (let i = 0; i < CLIENTS; i++) this.#client(port, keys);
  }

  #client(port, keys) {
    const socket = net.connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    let missing = 0;
    let sentAt = 0;
    const next = () => {
      const key = `key:${String(Math.floor(Math.random() * keys)).padStart(12, '0')}`;
      const writes = Math.random() < 0.5;
      missing = writes ? WRITTEN : READ;
      sentAt = performance.now();
      socket.write(
        writes ? `*3\r\n$3\r\nSET\r\n$16\r\n${key}\r\n$32\r\n${VALUE}\r\n` : `*2\r\n$3\r\nGET\r\n$16\r\n${key}\r\n`,
      );
    };
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing > 0) return;
      const step = Math.floor(((performance.now() - sentAt) * 1000) / STEP_US);
      this.#counts[Math.min(step, STEPS - 1)]++;
      this.#total++;
      if (this.#isOver) socket.destroy();
      else next();
    });
    socket.on('connect', next);
  }

  /** Forgets what was counted so far. */
  begin() {
    this.#counts.fill(0);
    this.#total = 0;
    this.#since = performance.now();
  }

  figures() {
    const seconds = (performance.now() - this.#since) / 1000;
    let left = this.#total * 0.001;
    let step = STEPS - 1;
    while (step > 0 && (left -= this.#counts[step]) > 0) step--;
    let worst = STEPS - 1;
    while (worst > 0 && this.#counts[worst] === 0) worst--;
    return { perSecond: this.#total / seconds, tailMs: (step * STEP_US) / 1000, worstMs: (worst * STEP_US) / 1000 };
  }

  stop() {
    this.#isOver = true;
  }
}

/** @returns the figures of both servers; judged are tail, throughput, memory and the time of loading. */
export async function measureSaving({ keys, start }, verdicts) {
  const found = { ours: await measureOne('ours', keys, start), real: await measureOne('real', keys, start) };
  const { ours, real } = found;
  const subject = `${thousands(keys)} keys`;
  console.log(`\nsaving ${subject} under ${CLIENTS} clients, half of them writing`);
  for (const [kind, row] of Object.entries(found)) console.log(`  ${kind.padEnd(6)}${lineOf(row)}`);
  const tail = ours.during.tailMs / real.during.tailMs;
  const speed = ours.during.perSecond / ours.before.perSecond;
  const extra = (ours.peakKiB / ours.baseKiB - 1) * 100;
  const load = ours.loadMs / real.loadMs;
  console.log(`  p99.9 during the save, ours / redis  ${fixed(tail)} ${verdicts.judge('saving p99.9', subject, tail)}`);
  console.log(
    `  throughput, during / normal          ${fixed(speed)} ${verdicts.judge('saving speed', subject, speed)}`,
  );
  console.log(
    `  extra memory in %                    ${fixed(extra)} ${verdicts.judge('saving memory', subject, extra)}`,
  );
  console.log(`  load time, ours / redis              ${fixed(load)} ${verdicts.judge('load time', subject, load)}`);
  console.log(`  time of the save, ours / redis       ${fixed(ours.saveMs / real.saveMs)}`);
  return found;
}

function lineOf({ before, during, saveMs, loadMs, baseKiB, peakKiB }) {
  const speeds = `${thousands(before.perSecond)}/s, then ${thousands(during.perSecond)}/s`;
  const tails = `p99.9 ${fixed(before.tailMs)} ms, then ${fixed(during.tailMs)} (worst ${fixed(during.worstMs)})`;
  const memory = `memory ${fixed(baseKiB / 1024, 0)} MiB, then ${fixed(peakKiB / 1024, 0)}`;
  return `${speeds}; ${tails}; saved in ${fixed(saveMs / 1000)} s, loaded in ${fixed(loadMs / 1000)} s; ${memory}`;
}

async function measureOne(kind, keys, start) {
  const folder = mkdtempSync(join(tmpdir(), 'sextet-saving-'));
  try {
    const server = await start(kind, {}, folder);
    await fill(server.port, keys);
    await pause(SETTLE_MS);
    const found = await measureSave(server, keys);
    await server.stop(); // without save points nothing more is written
    return { ...found, loadMs: await measureLoad(() => start(kind, {}, folder), keys) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureSave(server, keys) {
  const load = new Load(server.port, keys);
  await pause(SETTLE_MS);
  load.begin();
  await pause(NORMAL_MS);
  const before = load.figures();
  const baseKiB = sharedKiB(server.pid);
  load.begin();
  const begunAt = performance.now();
  await ask(server.port, 'BGSAVE\r\n');
  let peakKiB = baseKiB;
  while (await isSaving(server.port)) {
    peakKiB = Math.max(peakKiB, sharedKiB(server.pid));
    await pause(LOOK_MS);
  }
  const saveMs = performance.now() - begunAt;
  const during = load.figures();
  load.stop();
  await pause(LOOK_MS);
  return { before, during, saveMs, baseKiB, peakKiB };
}

/** From the start of the process until all keys are there. */
async function measureLoad(start, keys) {
  const server = await start();
  const answeredAt = performance.now();
  while (!(await ask(server.port, 'DBSIZE\r\n')).startsWith(`:${keys}`)) await pause(5);
  const loadMs = server.startedMs + performance.now() - answeredAt;
  await server.stop();
  return loadMs;
}

async function isSaving(port) {
  const info = await ask(port, 'INFO persistence\r\n', (answer) => answer.includes('aof_enabled'));
  return info.includes('rdb_bgsave_in_progress:1');
}

/** What a process and its children hold, each page divided by the number of those who share it. */
function sharedKiB(pid) {
  let sum = 0;
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      sum += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))[1]);
    } catch {
      // a child may have ended meanwhile
    }
  }
  return sum;
}

function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
