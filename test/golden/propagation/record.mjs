/**
 * Fills in what a real redis-server tells its replicas of each command.
 *
 *   npx tsx test/golden/propagation/record.mjs strings        test/golden/propagation/strings.txt; none: all files
 *
 * The form of the files is described in test/support/propagation-file.ts. Lines of the stream are dropped and written
 * anew, all others stay as they are.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { linesOf } from '../../support/stream-text.js';
import { Asker, withRealServer } from '../real-server.mjs';
import { Listener, SETTINGS, streamSince } from './listener.mjs';

const FOLDER = new URL('./', import.meta.url);

/** A client whose answers do not matter: a mark behind its command, as an Asker has it, would be queued by MULTI. */
class Speaker {
  static async open(port) {
    const speaker = new Speaker();
    speaker.socket = connect(port, '127.0.0.1').on('data', (bytes) => {
      speaker.heard = bytes;
      speaker.answered?.();
    });
    await once(speaker.socket, 'connect');
    return speaker;
  }

  async ask(line) {
    const answer = new Promise((resolve) => {
      this.answered = resolve;
    });
    this.socket.write(`${line}\r\n`);
    await answer;
    await sleep(2);
    return this.heard;
  }

  /** The answer will come when it comes. */
  async say(line) {
    this.socket.write(`${line}\r\n`);
    await sleep(5);
  }

  close() {
    this.socket.destroy();
  }
}

class Recorder {
  changed = new Map();

  constructor(clients, marker, listener) {
    Object.assign(this, { clients, marker, listener });
  }

  stream() {
    return streamSince(this.marker, this.listener);
  }

  async startCase() {
    const [first] = this.clients;
    for (const [name, value] of this.changed) await first.ask(`CONFIG SET ${name} "${value}"`);
    this.changed.clear();
    await first.ask('DEBUG SET-ACTIVE-EXPIRE 0');
    for (const client of this.clients) await client.ask('RESET');
    await first.ask('FLUSHALL');
    await this.stream();
  }

  async setConfig(name, value) {
    const [first] = this.clients;
    if (!this.changed.has(name))
      this.changed.set(name, (await first.ask(`CONFIG GET ${name}`)).toString().split('\r\n')[4]);
    const reply = await first.ask(`CONFIG SET ${name} ${value}`);
    if (!reply.equals(Buffer.from('+OK\r\n'))) throw new Error(`${name} ${value}: ${reply}`);
  }

  /** What one line of the old file becomes in the new one. */
  async record(line) {
    if (line.startsWith('## ')) await this.startCase();
    if (line === '' || line.startsWith('#')) return [line];
    const [first, second, third] = line.split(' ');
    if (first === '@config') await this.setConfig(second, third);
    if (first === '@config') return [line];
    const now = Date.now();
    if (first === '@wait') await sleep(Number(second));
    else if (first === '2&') await this.clients[1].say(line.slice('2& '.length));
    else await this.clients[first === '2>' ? 1 : 0].ask(line.replace(/^2> /, ''));
    return [line, ...linesOf(await this.stream(), now).map((text) => `  ${text}`)];
  }
}

const groups = process.argv.slice(2);
if (groups.length === 0)
  groups.push(...readdirSync(FOLDER).flatMap((name) => (name.endsWith('.txt') ? name.slice(0, -'.txt'.length) : [])));
await withRealServer(async (port) => {
  const [a, b, marker] = [await Speaker.open(port), await Speaker.open(port), await Asker.open(port)];
  for (const setting of SETTINGS) await a.ask(`CONFIG SET ${setting}`);
  const listener = await Listener.attach(port);
  const recorder = new Recorder([a, b], marker, listener);
  for (const group of groups) {
    const path = new URL(`${group}.txt`, FOLDER);
    const filled = [];
    for (const line of readFileSync(path, 'utf8').split('\n'))
      if (!line.startsWith('  ')) filled.push(...(await recorder.record(line)));
    writeFileSync(path, filled.join('\n'));
  }
  await recorder.startCase();
  for (const each of [a, b, marker, listener]) each.close();
});
