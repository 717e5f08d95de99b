/**
 * A real redis-server for the RDB proofs, and random data of every type and encoding to fill it with.
 *
 *   random ─▶ commands ─┬─▶ redis-server ─▶ dump.rdb, DEBUG DIGEST
 *                       └─▶ our keyspace  ─▶ dump.rdb, DEBUG DIGEST
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { Asker, freePort } from '../../golden/real-server.mjs';

export interface RealServer {
  readonly folder: string;
  readonly port: number;
  ask(...args: (string | Uint8Array)[]): Promise<Buffer>;
  /** Any number of requests at once; all that is replied. */
  askBytes(requests: Uint8Array): Promise<Buffer>;
  askAll(commands: readonly (readonly (string | Uint8Array)[])[]): Promise<void>;
}

/** Starts a server in a folder of its own (with a dump.rdb of yours, if you put one there), runs, and ends it. */
export async function withRealServer<T>(
  folder: string,
  run: (server: RealServer) => Promise<T>,
  ...options: string[]
): Promise<T> {
  const port = await freePort();
  const fixed = ['--bind', '127.0.0.1', '--save', '', '--enable-debug-command', 'yes', '--dir', folder];
  const args = ['--port', String(port), ...fixed, ...options];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  try {
    for await (const text of child.stdout) {
      said += text;
      if (said.includes('Ready to accept connections')) break;
    }
    if (child.exitCode !== null || !said.includes('Ready')) throw new Error(`redis-server did not start:\n${said}`);
    const asker = await Asker.open(port);
    const server: RealServer = {
      folder,
      port,
      ask: (...command) => asker.askBytes(encodeRequest(command)),
      askBytes: (requests) => asker.askBytes(Buffer.from(requests)),
      async askAll(commands) {
        for (let i = 0; i < commands.length; i += 500)
          await asker.askBytes(Buffer.concat(commands.slice(i, i + 500).map(encodeRequest)));
      },
    };
    const result = await run(server);
    asker.close();
    return result;
  } finally {
    const gone = once(child, 'exit');
    child.kill();
    if (child.exitCode === null) await gone;
  }
}

export function scratchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'rdb-proof-'));
}

export function dropFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** What redis-check-rdb says of a file: '' if it is sound. */
export function checkRdb(path: string): string {
  const { status, stdout } = spawnSync('redis-check-rdb', [path], { encoding: 'utf8' });
  return status === 0 && stdout.includes('RDB looks OK') ? '' : stdout;
}

// ── random data ─────────────────────────────────────────────────────────────

type Chance = () => number;

const pick = <T>(chance: Chance, from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
const upTo = (chance: Chance, n: number): number => Math.floor(chance() * n);

const INTEGERS = ['0', '-1', '12', '127', '128', '-128', '-129', '4095', '-4096', '4096', '32767', '32768', '-32769'];
const WIDE = [
  '8388607',
  '8388608',
  '2147483647',
  '-2147483648',
  '2147483648',
  '9223372036854775807',
  '-9223372036854775808',
];
const ODD = ['', ' ', '00', '-0', '01', '+1', '1.5', '9223372036854775808', '99999999999', '-99999999999'];

/** A text of any kind: integers of all widths, repetitive, random, short and long. */
export function randomText(chance: Chance): Buffer {
  const kind = upTo(chance, 10);
  if (kind < 2) return Buffer.from(pick(chance, [...INTEGERS, ...WIDE]));
  if (kind === 2) return Buffer.from(pick(chance, ODD));
  if (kind === 3) return Buffer.from(String(upTo(chance, 1e9) - 5e8));
  const n = kind < 8 ? upTo(chance, 70) : chance() < 0.97 ? upTo(chance, 600) : upTo(chance, 20_000);
  const letters = pick(chance, [1, 2, 4, 256]);
  const bytes = Buffer.alloc(n);
  for (let i = 0; i < n; i++) bytes[i] = letters === 256 ? upTo(chance, 256) : 97 + upTo(chance, letters);
  return bytes;
}

const SCORES = [
  '0',
  '-0',
  '1',
  '-1.5',
  'inf',
  '-inf',
  '3.0000000000000004',
  '1e300',
  '-1e-300',
  '9007199254740993',
  '0.1',
];

function randomScore(chance: Chance): string {
  return chance() < 0.3 ? pick(chance, SCORES) : String((chance() - 0.5) * 10 ** upTo(chance, 20));
}

/** How many elements: around every threshold of an encoding. */
function randomCount(chance: Chance): number {
  return pick(chance, [1, 2, 5, 20, 100, 127, 128, 129, 130, 300, 511, 512, 513, 514, 1500]);
}

/** Commands that make one key. */
function randomKey(chance: Chance, key: Buffer): (string | Buffer)[][] {
  const kind = upTo(chance, 8);
  const count = kind < 2 ? 1 : randomCount(chance);
  const elements = Array.from({ length: count }, (_, i) => {
    if (kind === 3) return Buffer.from(String((i - 30) * pick(chance, [1, 1000, 1e6, 1e13])));
    return chance() < 0.7 ? Buffer.from(`element:${i}`) : Buffer.concat([randomText(chance), Buffer.from(String(i))]);
  });
  if (kind < 2) return [['SET', key, randomText(chance)]];
  if (kind === 2)
    return [
      ['RPUSH', key, ...elements],
      ['LPUSH', key, randomText(chance), randomText(chance)],
    ];
  if (kind < 5) return [['SADD', key, ...elements]];
  if (kind === 5) return [['HSET', key, ...elements.flatMap((field) => [field, randomText(chance)])]];
  if (kind === 6) return [['HSET', key, ...elements.flatMap((field) => [field, 'v'])]];
  return [['ZADD', key, ...elements.flatMap((member) => [randomScore(chance), member])]];
}

/** Commands that fill two databases: all types, encodings and times of death. */
export function randomCommands(chance: Chance, keys: number, now: number): (string | Buffer)[][] {
  const commands: (string | Buffer)[][] = [];
  for (const database of ['0', '3']) {
    commands.push(['SELECT', database]);
    for (let i = 0; i < keys; i++) {
      const key = chance() < 0.8 ? Buffer.from(`key:${i}`) : Buffer.concat([Buffer.from(`${i}`), randomText(chance)]);
      commands.push(...randomKey(chance, key));
      if (chance() < 0.3) commands.push(['PEXPIREAT', key, String(now + 100_000 + upTo(chance, 1e9))]);
    }
  }
  commands.push(['SELECT', '0']);
  return commands;
}
