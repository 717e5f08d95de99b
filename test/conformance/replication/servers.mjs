/**
 * Servers that copy each other, and what one asks of them.
 *
 * A server is asked over one connection that stays open; `same` waits until two of them hold the same.
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { startServer } from '../../../bench/servers.mjs';
import { until } from '../cluster/checks.mjs';

const SYNC_LIMIT_MS = 30_000;

/** One server with a connection to it. */
export class Peer {
  #socket = null;
  #heard = Buffer.alloc(0);
  #wanted = null;

  constructor(server) {
    this.server = server;
    this.kind = server.kind;
    this.port = server.port;
  }

  static async start(kind, config = {}) {
    const server = await startServer({
      kind,
      config: {
        save: '""',
        'repl-diskless-sync-delay': '0',
        'enable-debug-command': 'yes',
        'repl-backlog-size': '10mb',
        'repl-ping-replica-period': '3600', // a PING moves the offset
        ...config,
      },
    });
    const peer = new Peer(server);
    await peer.#open();
    return peer;
  }

  /** Another connection to the same server. */
  static async join(other) {
    const peer = new Peer(other.server);
    await peer.#open();
    return peer;
  }

  async #open() {
    this.#socket = connect(this.port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes) => this.#hear(bytes));
    this.#socket.on('error', () => {});
    await once(this.#socket, 'connect');
  }

  #hear(bytes) {
    this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
    if (this.#wanted === null || !this.#heard.subarray(-this.#wanted.mark.length).equals(this.#wanted.mark)) return;
    const { mark, done } = this.#wanted;
    this.#wanted = null;
    const reply = this.#heard.subarray(0, -mark.length);
    this.#heard = Buffer.alloc(0);
    done(reply.toString('latin1'));
  }

  /** All replies to these requests, as they came. */
  send(bytes) {
    const word = `mark-${Math.random()}`;
    const mark = Buffer.from(`$${word.length}\r\n${word}\r\n`);
    return new Promise((done) => {
      this.#wanted = { mark, done };
      this.#socket.write(Buffer.concat([bytes, encode('ECHO', word)]));
    });
  }

  /** The reply to one request, without the frame of a simple one. */
  async ask(...args) {
    const reply = await this.send(encode(...args));
    const body = reply.startsWith('$') ? reply.slice(reply.indexOf('\r\n') + 2) : reply.slice(1);
    return (reply.startsWith('-') ? `-${body}` : body).trimEnd();
  }

  async field(name, section = 'everything') {
    const text = await this.ask('INFO', section);
    return new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(text)?.[1] ?? '';
  }

  follow(primary) {
    return this.ask('REPLICAOF', '127.0.0.1', String(primary.port));
  }

  async untilUp() {
    await until(
      SYNC_LIMIT_MS,
      async () => (await this.field('master_link_status')) === 'up',
      () => this.server.lastWords(),
    );
  }

  close() {
    this.#socket.destroy();
  }

  async stop() {
    this.close();
    await this.server.stop();
  }
}

export function encode(...args) {
  const parts = args.flatMap((arg) => {
    const bytes = Buffer.from(arg, 'latin1');
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/**
 * Waits until both are at the same offset, and compares what they hold there. Nobody may write meanwhile but time
 * itself: keys die, which moves the offset, so the figures count only if it was the same before and after.
 */
export async function same(primary, replica) {
  await replica.untilUp();
  let seen = null;
  await until(
    SYNC_LIMIT_MS,
    async () => {
      seen = await atOneOffset(primary, replica);
      return seen !== null;
    },
    async () => `offsets ${(await offsetsOf(primary, replica)).join(' and ')}`,
  );
  const [a, b] = seen;
  if (a === b) return `${await replica.ask('DBSIZE')} keys, digest ${a.slice(0, 12)}…`;
  throw new Error(`digests differ: ${a} and ${b}\n${await differences(primary, replica)}`);
}

function offsetsOf(...peers) {
  return Promise.all(peers.map((peer) => peer.field('master_repl_offset', 'replication')));
}

/** Both digests, or null where the offset moved. */
async function atOneOffset(primary, replica) {
  const [a, b] = await offsetsOf(primary, replica);
  if (a !== b) return null;
  const digests = await Promise.all([primary.ask('DEBUG', 'DIGEST'), replica.ask('DEBUG', 'DIGEST')]);
  const after = await offsetsOf(primary, replica);
  return after[0] === a && after[1] === a ? digests : null;
}

/** Some of the keys that differ, in any database. */
async function differences(a, b) {
  const found = [];
  for (const database of ['0', '1', '2', '3']) {
    await Promise.all([a.ask('SELECT', database), b.ask('SELECT', database)]);
    const names = new Set([...(await keysOf(a)), ...(await keysOf(b))]);
    for (const key of names) {
      const [x, y] = await Promise.all([describe(a, key), describe(b, key)]);
      if (x !== y) found.push(`${database}/${key}: ${x} and ${y}`);
    }
  }
  await Promise.all([a.ask('SELECT', '0'), b.ask('SELECT', '0')]);
  return `${found.length} keys differ: ${found.slice(0, 5).join('; ') || 'none'}`;
}

async function keysOf(peer) {
  return (await peer.ask('KEYS', '*')).split('\r\n').filter((line) => line !== '' && !/^[*$\d]/.test(line));
}

async function describe(peer, key) {
  const [type, digest, expires] = await Promise.all([
    await peer.ask('TYPE', key),
    await peer.ask('DEBUG', 'DIGEST-VALUE', key),
    await peer.ask('PEXPIRETIME', key),
  ]);
  return `${type} ${digest.slice(-40, -28)} ${expires}`;
}
