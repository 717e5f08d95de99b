/**
 * Fills in what a real redis-server answers to raw streams of bytes, and whether it then closes the connection.
 *
 *   node test/golden/streams/record.mjs        writes limits.txt and password.txt beside this file
 *
 *   ## title
 *   > PING\r\n{a*3}          the stream, as one write for each such line: \r \n \t \\ \xNN, and {a*3} for aaa
 *     +PONG\r\n              what came back, two blanks in; a line ends behind each \n
 *   closed                   or `open`: the connection after 200 ms of silence
 *
 * One writes titles and streams; lines of answers are dropped and written anew.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SILENCE_MS = 200;
const FILES = { limits: [], password: ['--requirepass', 'secret'] };

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

function bytesOf(text) {
  const plain = text.replace(/\{(.)\*(\d+)\}/g, (_, letter, count) => letter.repeat(Number(count)));
  const letters = { r: '\r', n: '\n', t: '\t', '\\': '\\' };
  const whole = plain.replace(/\\(x([0-9a-f]{2})|[rnt\\])/g, (_, code, hex) =>
    hex === undefined ? letters[code] : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(whole, 'latin1');
}

function print(bytes) {
  const marks = { '\r': '\\r', '\n': '\\n\n', '\t': '\\t', '\\': '\\\\' };
  const hex = (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const text = bytes.toString('latin1').replace(/[^\x20-\x5b\x5d-\x7e]/g, (c) => marks[c] ?? hex(c));
  const short = text.replace(/(.)\1{99,}/g, (run, letter) => `{${letter}*${run.length}}`);
  return short
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `  ${line}`);
}

/** What comes back to the writes, and `open` or `closed`. */
function talk(port, writes) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const heard = [];
    const end = (state) => {
      clearTimeout(timer);
      socket.destroy();
      resolve([...print(Buffer.concat(heard)), state]);
    };
    let timer = setTimeout(end, 5_000, 'open');
    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE_MS, 'open');
    };
    socket.on('data', (bytes) => {
      heard.push(bytes);
      listen();
    });
    socket.on('error', () => {});
    socket.on('close', () => end('closed'));
    for (const bytes of writes) socket.write(bytes, listen);
  });
}

async function recordFile(name, options) {
  const path = new URL(`${name}.txt`, import.meta.url);
  const folder = mkdtempSync(join(tmpdir(), 'streams-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder, ...options];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const text of server.stdout) if (String(text).includes('Ready to accept connections')) break;
    const given = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /^(##? |> )/.test(line));
    const filled = [];
    let writes = [];
    const answer = async () => {
      if (writes.length > 0) filled.push(...(await talk(port, writes)));
      writes = [];
    };
    for (const line of given) {
      if (line.startsWith('> ')) writes.push(bytesOf(line.slice(2)));
      else await answer();
      filled.push(line);
    }
    await answer();
    writeFileSync(path, `${filled.join('\n')}\n`);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [name, options] of Object.entries(FILES)) await recordFile(name, options);
