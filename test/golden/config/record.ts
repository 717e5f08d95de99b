/**
 * Asks a real redis-server 7.0.15 everything in `cases.ts`, and writes down what it said:
 *
 *   npx tsx test/golden/config/record.ts
 *
 *   defaults.tsv    CONFIG GET *                              name, value
 *   set.tsv         CONFIG SET name value, on its own         name, then value, = and what it became, or ! and why not
 *   changes.tsv     CONFIG SET with several pairs             the pairs, the reply, then the values of all that follow
 *   rewrite/x.conf  the file after CONFIG REWRITE
 *   starts.json     stderr and exit code, or values
 *
 * Texts in the tables are JSON strings of bytes as latin1. Folders and ports are replaced by FOLDER and PORT.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '../../../src/node/config.js';
import { pagesWorld } from '../../../src/node/config/world.js';
import { CHANGES, mayAsk, REWRITES, ROWS, STANDARD_INPUT, STARTS, type StartCase, valuesFor } from './cases.js';
import { WATCHED } from './recorded.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const SERVER = 'redis-server';
const RIGHTS = { isLocal: true, isLoading: false };

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** One connection; replies are strings, errors begin with '-'. */
class Client {
  private received = '';
  private waiting: (() => void) | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.waiting?.();
    });
  }

  static async connect(port: number): Promise<Client> {
    for (let tries = 0; ; tries++) {
      const socket = createConnection({ port, host: '127.0.0.1' });
      const up = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (up) return new Client(socket);
      if (tries > 100) throw new Error(`no server on ${port}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async ask(...words: readonly string[]): Promise<string[]> {
    const bulk = (word: string): string => `$${word.length}\r\n${word}\r\n`;
    this.socket.write(Buffer.from(`*${words.length}\r\n${words.map(bulk).join('')}`, 'latin1'));
    const head = await this.line();
    if (head[0] !== '*') return [head];
    const found: string[] = [];
    for (let i = 0; i < Number(head.slice(1)); i++) {
      const length = Number((await this.line()).slice(1));
      while (this.received.length < length + 2) await this.more();
      found.push(this.received.slice(0, length));
      this.received = this.received.slice(length + 2);
    }
    return found;
  }

  private async line(): Promise<string> {
    while (!this.received.includes('\r\n')) await this.more();
    const end = this.received.indexOf('\r\n');
    const line = this.received.slice(0, end);
    this.received = this.received.slice(end + 2);
    return line;
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  end(): void {
    this.socket.destroy();
  }
}

interface Running {
  readonly client: Client;
  readonly folder: string;
  readonly port: number;
  stop(): Promise<void>;
}

async function start(file: string, argv: readonly string[], folder: string, port: number): Promise<Running> {
  writeFileSync(join(folder, 'r.conf'), Buffer.from(file, 'utf8'));
  const child: ChildProcess = spawn(SERVER, ['r.conf', ...argv], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin?.end(STANDARD_INPUT);
  const client = await Client.connect(port);
  const stop = async (): Promise<void> => {
    client.end();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(folder, { recursive: true });
  };
  return { client, folder, port, stop };
}

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'golden-'));
const cells = (texts: readonly string[]): string => texts.map((text) => JSON.stringify(text)).join('\t');

function save(name: string, lines: readonly string[]): void {
  writeFileSync(join(HERE, name), `${lines.join('\n')}\n`);
}

async function recordDefaults(): Promise<void> {
  const port = await freePort();
  const server = await start(`port ${port}\n`, [], newFolder(), port);
  const all = await server.client.ask('CONFIG', 'GET', '*');
  const lines: string[] = [];
  for (let i = 0; i < all.length; i += 2) lines.push(`${all[i]}\t${hide(all[i + 1]!, server)}`);
  save('defaults.tsv', lines.sort());
  await server.stop();
}

/** What only this run knows. */
function hide(text: string, { folder, port }: { folder: string; port: number }): string {
  return text.replaceAll(folder, 'FOLDER').replaceAll(String(port), 'PORT');
}

function wouldTake(name: string, value: string): boolean {
  return new Config(pagesWorld(() => null)).change([name, value], RIGHTS).ok;
}

async function recordSets(): Promise<void> {
  const port = await freePort();
  const server = await start(`port ${port}\nenable-protected-configs yes\n`, [], newFolder(), port);
  const { client } = server;
  const lines: string[] = [];
  for (const row of ROWS) {
    const [name] = row;
    lines.push(name);
    const before = (await client.ask('CONFIG', 'GET', name))[1]!;
    for (const value of valuesFor(row)) {
      if (!mayAsk(name, wouldTake(name, value))) continue;
      const [reply] = await client.ask('CONFIG', 'SET', name, value);
      const isTaken = reply === '+OK';
      const now = isTaken ? `=${(await client.ask('CONFIG', 'GET', name))[1]!}` : `!${reasonIn(reply!, name)}`;
      lines.push(`\t${cells([value, now])}`);
      if (isTaken) await client.ask('CONFIG', 'SET', name, before);
    }
  }
  save('set.tsv', lines);
  await server.stop();
}

function reasonIn(reply: string, name: string): string {
  const frame = `-ERR CONFIG SET failed (possibly related to argument '${name}') - `;
  if (!reply.startsWith(frame)) throw new Error(`CONFIG SET ${name}: ${reply}`);
  return reply.slice(frame.length);
}

async function recordChanges(): Promise<void> {
  const port = await freePort();
  const server = await start(`port ${port}\n`, [], newFolder(), port);
  const lines: string[] = [];
  for (const pairs of CHANGES) {
    const [reply] = await server.client.ask('CONFIG', 'SET', ...pairs);
    const values: string[] = [];
    for (const name of WATCHED) values.push((await server.client.ask('CONFIG', 'GET', name))[1]!);
    lines.push(`${cells(pairs)}\n\t${JSON.stringify(reply)}\n\t${cells(values)}`);
  }
  save('changes.tsv', lines);
  await server.stop();
}

async function recordRewrites(): Promise<void> {
  mkdirSync(join(HERE, 'rewrite'), { recursive: true });
  for (const { name, file, sets } of REWRITES) {
    const port = await freePort();
    const server = await start(file.replaceAll('PORT', String(port)), [], newFolder(), port);
    for (const set of sets) {
      const [reply] = await server.client.ask(
        'CONFIG',
        'SET',
        ...set.map((text) => Buffer.from(text).toString('latin1')),
      );
      if (reply !== '+OK') throw new Error(`${name}: ${set.join(' ')}: ${reply}`);
    }
    await server.client.ask('CONFIG', 'REWRITE');
    const text = readFileSync(join(server.folder, 'r.conf'), 'latin1');
    writeFileSync(join(HERE, 'rewrite', `${name}.conf`), Buffer.from(hide(text, server), 'latin1'));
    await server.stop();
  }
}

async function recordStart(of: StartCase): Promise<object> {
  const [folder, port] = [newFolder(), await freePort()];
  const fill = (text: string): string => text.replaceAll('PORT', String(port)).replaceAll('FOLDER', folder);
  for (const [name, text] of of.others ?? []) writeFileSync(join(folder, name), fill(text));
  if (of.ask === undefined) {
    writeFileSync(join(folder, 'r.conf'), fill(of.file));
    const argv = of.file === '' ? of.argv : ['r.conf', ...of.argv];
    const run = spawnSync(SERVER, argv, { cwd: folder, encoding: 'latin1', timeout: 5000 });
    rmSync(folder, { recursive: true });
    return { name: of.name, exit: run.status, stderr: hide(run.stderr, { folder, port }) };
  }
  const server = await start(fill(of.file), of.argv, folder, port);
  const values: [string, string][] = [];
  for (const name of of.ask) values.push([name, (await server.client.ask('CONFIG', 'GET', name))[1]!]);
  await server.stop();
  return { name: of.name, values };
}

async function recordStarts(): Promise<void> {
  const found: object[] = [];
  for (const of of STARTS) found.push(await recordStart(of));
  writeFileSync(join(HERE, 'starts.json'), `${JSON.stringify(found, null, 1)}\n`);
}

await recordDefaults();
await recordSets();
await recordChanges();
await recordRewrites();
await recordStarts();
