/**
 * What the code cache of a server holds: the functions of a start, of a cluster of one, and of the commands that
 * everybody uses.
 *
 * A function that is not in the cache is compiled when it is first called: a fresh server answered its first two
 * hundred SETs in twice the time. So the build starts a server, talks to it for a moment, and lets it write the cache
 * at its end.
 *
 * Between the moment in which a port was free and the start somebody may have taken it: then the server ends at once,
 * and it is tried again. It is talked to when its log says that it listens, so never somebody else at its port.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 60_000;
const STARTS = 3;
const READY = 'Ready to accept connections';
/** How often all lines are said. */
const ROUNDS = 3;
const VISITORS = 8;

// biome-ignore format: a table
const LINES = [
  'PING', 'ECHO a', 'HELLO 3', 'HELLO 2', 'CLIENT SETNAME build', 'CLIENT ID', 'COMMAND COUNT', 'INFO',
  'CONFIG GET save', 'SELECT 0', 'DBSIZE', 'CLUSTER SLOTS', 'CLUSTER NODES', 'CLUSTER SHARDS', 'CLUSTER INFO',
  'READONLY', 'READWRITE', 'SET k 1', 'GET k', 'GET none', 'INCR k', 'INCRBY k 2', 'APPEND k x', 'STRLEN k',
  'GETRANGE k 0 -1', 'SETEX e 100 v', 'SET k v EX 100 KEEPTTL', 'SET k v PX 100000', 'TTL k', 'PEXPIRE k 100000',
  'PERSIST k', 'EXISTS k', 'TYPE k', 'MSET {a}1 x {a}2 y', 'MGET {a}1 {a}2', 'SETNX n 1', 'GETSET n 2', 'GETDEL n',
  'DEL k', 'UNLINK e', 'SCAN 0', 'LPUSH l a b c', 'RPUSH l d', 'LRANGE l 0 -1', 'LLEN l', 'LINDEX l 0', 'LPOP l',
  'RPOP l', 'LPUSHX none a', 'DEL l', 'HSET h f v g w', 'HGET h f', 'HMGET h f g', 'HGETALL h', 'HINCRBY h n 1',
  'HDEL h f', 'HLEN h', 'HEXISTS h g', 'DEL h', 'SADD s a b c 1', 'SISMEMBER s a', 'SMEMBERS s', 'SCARD s', 'SPOP s',
  'SREM s a b c 1', 'SADD i 1 2 3', 'SPOP i', 'DEL i', 'ZADD z 1 a 2 b', 'ZRANGE z 0 -1 WITHSCORES', 'ZSCORE z a',
  'ZINCRBY z 1 a', 'ZRANK z a', 'ZPOPMIN z', 'ZCARD z', 'DEL z', 'MULTI', 'SET t 1', 'EXEC', 'WATCH t', 'UNWATCH',
  'PUBLISH c m', 'SUBSCRIBE c', 'UNSUBSCRIBE c', 'NOPE', 'GET',
];

/** Bare words, as inline requests and as arrays: clients send the one, people the other. */
function asRequest(line) {
  const words = line.split(' ');
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

async function freePort() {
  const server = createServer();
  await new Promise((ready, failed) => server.once('error', failed).listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Says what it has to say, and waits for the last answer. */
function visit(port, requests, last) {
  return new Promise((done, failed) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${requests}${asRequest(`ECHO ${last}`)}`));
    let heard = '';
    socket.on('error', failed);
    socket.on('data', (bytes) => {
      heard = (heard + bytes.toString('latin1')).slice(-64);
      if (heard.includes(last)) socket.end();
    });
    socket.on('close', () => (heard.includes(last) ? done() : failed(new Error('the server hung up'))));
  });
}

/** `listens` resolves with whether it does: its log has said so, and it has not ended. */
function startServer(program, cachePath, folder, port, busPort) {
  const options = `--port ${port} --cluster-port ${busPort} --bind 127.0.0.1 --cluster-enabled yes --logfile log`;
  const child = spawn(process.execPath, [...program, ...options.split(' '), '--dir', folder, '--save', ''], {
    env: { ...process.env, SEXTET_WRITE_CODE_CACHE: cachePath },
    stdio: 'ignore',
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const ended = new Promise((end) => child.once('exit', (code, signal) => end(code ?? signal)));
  void ended.then(() => clearTimeout(limit));
  const log = join(folder, 'log');
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    said,
    async listens() {
      while (!hasEnded() && !said().includes(READY)) await sleep(10);
      return !hasEnded();
    },
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function useServer(port) {
  await visit(port, asRequest('CLUSTER ADDSLOTSRANGE 0 16383'), 'ready');
  for (let round = 0; round < ROUNDS; round++) await visit(port, LINES.map(asRequest).join(''), `round${round}`);
  await visit(port, LINES.map((line) => `${line}\r\n`).join(''), 'inline');
  await Promise.all(Array.from({ length: VISITORS }, () => visit(port, asRequest('PING'), 'crowd')));
  await visit(port, asRequest('SHUTDOWN NOSAVE'), 'none').catch(() => {});
}

/** Runs `program` (argv of a server) so that its cache is written to `cachePath`; rejects where that fails. */
export async function warmUpServer(program, cachePath) {
  let said = '';
  for (let start = 0; start < STARTS; start++) {
    const folder = mkdtempSync(join(tmpdir(), 'sextet-build-'));
    const [port, busPort] = [await freePort(), await freePort()];
    const server = startServer(program, cachePath, folder, port, busPort);
    try {
      if (await server.listens()) {
        await useServer(port);
        const code = await server.ended;
        if (code === 0) return;
        throw new Error(`the server ended with ${code}:\n${server.said()}`);
      }
      said = server.said();
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }
  throw new Error(`the server ended at its start, ${STARTS} times:\n${said}`);
}
