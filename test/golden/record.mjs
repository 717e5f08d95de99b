/**
 * Fills in the replies of golden files from a real redis-server, which it starts for itself and ends.
 *
 *   node test/golden/record.mjs strings keys      test/golden/replies/strings.txt, then keys.txt; none: all files
 *
 * The form of the files is described in test/support/golden-file.ts. Lines that are replies are dropped and written
 * anew, all others stay as they are. Each command goes out as an inline request, with a PING behind it that tells
 * where its reply ends.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker, withRealServer } from './real-server.mjs';

const FOLDER = new URL('replies/', import.meta.url);

/** Each CRLF ends a line; what does not print, and the backslash, is written \xNN. */
function printReply(bytes) {
  const lines = bytes.toString('latin1').split('\r\n').slice(0, -1);
  const odd = /[^\x20-\x5b\x5d-\x7e]/g;
  return lines.map((line) => `  ${line.replace(odd, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`);
}

async function startCase(asker, changed) {
  for (const [name, value] of changed) await asker.ask(`CONFIG SET ${name} "${value}"`);
  changed.clear();
  await asker.ask('RESET');
  await asker.ask('FLUSHALL');
}

async function setConfig(asker, changed, name, value) {
  if (!changed.has(name)) {
    const before = (await asker.ask(`CONFIG GET ${name}`)).toString().split('\r\n')[4];
    changed.set(name, before);
  }
  const reply = await asker.ask(`CONFIG SET ${name} ${value}`);
  if (!reply.equals(Buffer.from('+OK\r\n'))) throw new Error(`${name} ${value}: ${reply}`);
}

/** What one line of the old file becomes in the new one. */
async function record(asker, changed, line) {
  if (line.startsWith('## ')) await startCase(asker, changed);
  if (line === '' || line.startsWith('#')) return [line];
  const [first, second, third] = line.split(' ');
  if (first === '@resp') await asker.ask(`HELLO ${second}`);
  else if (first === '@wait') await sleep(Number(second));
  else if (first === '@config') await setConfig(asker, changed, second, third);
  else if (first === '?') await asker.ask(line.slice(2));
  else return [line, ...printReply(await asker.ask(line.replace(/^~2? /, '')))];
  return [line];
}

async function recordFile(asker, group) {
  const path = new URL(`${group}.txt`, FOLDER);
  const lines = readFileSync(path, 'utf8').split('\n');
  const changed = new Map();
  const filled = [];
  for (const line of lines) if (!line.startsWith('  ')) filled.push(...(await record(asker, changed, line)));
  await startCase(asker, changed);
  writeFileSync(path, filled.join('\n'));
}

const groups = process.argv.slice(2);
if (groups.length === 0) groups.push(...readdirSync(FOLDER).map((name) => name.replace('.txt', '')));
await withRealServer(async (port) => {
  const asker = await Asker.open(port);
  for (const group of groups) await recordFile(asker, group);
  asker.close();
});
