/**
 * Fills in what is heard in dialogues of several clients from a real redis-server, which it starts for itself and ends.
 *
 *   node test/golden/dialogues/record.mjs pubsub      test/golden/dialogues/pubsub.txt; none: all files
 *
 * The form of the files is described in test/support/dialogue-file.ts. Lines that were heard are dropped and written
 * anew, all others stay as they are. A step is over when nobody has heard anything for a while.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker, withRealServer } from '../real-server.mjs';

const FOLDER = new URL('./', import.meta.url);
const QUIET_MS = 60;

/** The clients of one dialogue, by name; each connects when it first speaks. */
class Clients {
  #sockets = new Map();
  #heard = new Map();
  #heardAt = 0;

  constructor(port) {
    this.port = port;
  }

  async #socketOf(name) {
    const known = this.#sockets.get(name);
    if (known !== undefined) return known;
    const socket = connect(this.port, '127.0.0.1').on('data', (bytes) => this.#hear(name, bytes.toString('latin1')));
    socket.on('close', () => this.#hear(name, '(closed)\r\n'));
    this.#sockets.set(name, socket);
    await once(socket, 'connect');
    socket.setNoDelay(true);
    return socket;
  }

  #hear(name, text) {
    this.#heardAt = performance.now();
    this.#heard.set(name, (this.#heard.get(name) ?? '') + text);
  }

  async say(name, line) {
    (await this.#socketOf(name)).write(`${line}\r\n`);
    this.#heardAt = performance.now();
  }

  async leave(name) {
    const socket = await this.#socketOf(name);
    this.#sockets.delete(name);
    socket.removeAllListeners().destroy();
    this.#heardAt = performance.now();
  }

  /** What all heard until it was quiet, as lines of the file. */
  async listen() {
    while (performance.now() - this.#heardAt < QUIET_MS) await sleep(QUIET_MS / 3);
    const lines = [...this.#heard].sort().flatMap(([name, text]) => printed(name, text));
    this.#heard.clear();
    return lines;
  }

  async end() {
    for (const name of [...this.#sockets.keys()]) await this.leave(name);
    await sleep(QUIET_MS);
  }
}

/** Each CRLF ends a line; what does not print, and the backslash, is written \xNN. */
function printed(name, text) {
  const odd = /[^\x20-\x5b\x5d-\x7e]/g;
  const lines = text.split('\r\n').slice(0, -1);
  return lines.map(
    (line) => `  ${name} ${line.replace(odd, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`,
  );
}

async function startCase(clients, asker, changed) {
  await clients.end();
  for (const [name, value] of changed) await asker.ask(`CONFIG SET ${name} "${value}"`);
  changed.clear();
  await asker.ask('FLUSHALL');
  await asker.ask('CONFIG RESETSTAT');
}

async function setConfig(asker, changed, name, value) {
  if (!changed.has(name)) changed.set(name, (await asker.ask(`CONFIG GET ${name}`)).toString().split('\r\n')[4]);
  const reply = await asker.ask(`CONFIG SET ${name} ${value}`);
  if (!reply.equals(Buffer.from('+OK\r\n'))) throw new Error(`${name} ${value}: ${reply}`);
}

/** What one line of the old file becomes in the new one. */
async function record(clients, asker, changed, line) {
  if (line.startsWith('## ')) await startCase(clients, asker, changed);
  if (line === '' || line.startsWith('#')) return [line];
  const [first, second, third] = line.split(' ');
  if (first === '@wait') await sleep(Number(second));
  else if (first === '@config') await setConfig(asker, changed, second, third);
  else if (first === '@leave') await clients.leave(second);
  else if (first === '@resp') {
    await clients.say(second, `HELLO ${third}`);
    await clients.listen(); // it has the number of the connection in it
  } else await clients.say(first, line.slice(first.length + 1));
  return [line, ...(await clients.listen())];
}

async function recordFile(port, asker, group) {
  const path = new URL(`${group}.txt`, FOLDER);
  const lines = readFileSync(path, 'utf8').split('\n');
  const clients = new Clients(port);
  const changed = new Map();
  const filled = [];
  for (const line of lines) if (!line.startsWith('  ')) filled.push(...(await record(clients, asker, changed, line)));
  await startCase(clients, asker, changed);
  writeFileSync(path, filled.join('\n'));
}

const groups = process.argv.slice(2);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
if (groups.length === 0) groups.push(...files.map((name) => name.replace('.txt', '')));
await withRealServer(async (port) => {
  const asker = await Asker.open(port);
  for (const group of groups) await recordFile(port, asker, group);
  asker.close();
});
