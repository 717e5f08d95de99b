/**
 * One of the two servers that hear a story, and all who listen there: what each client is answered, keyspace events, a
 * monitor, the stream of replicas, the append-only file, the figures of INFO, and a digest of what is left.
 */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { pause } from '../../../bench/servers.mjs';
import { Listener } from '../../golden/propagation/listener.mjs';
import { encode } from '../replication/servers.mjs';
import { figuresIn, Replies } from './replies.mjs';

const MORE_FIGURES = /^(total_error_replies|blocked_clients|pubsub_|unexpected_error|total_commands_processed)/;
/** What the stories' own machinery says is not told of. */
const OURS = /\] "(ECHO" "settle"|INFO|DEBUG" "DIGEST")/;
/** After so many round trips of another client a request was served, and its answer is here. */
const ROUNDS = 3;

class Client {
  heard = [];
  #wake = () => {};

  static async open(port) {
    const client = new Client();
    const replies = new Replies();
    client.socket = net.connect(port, '127.0.0.1').setNoDelay(true);
    client.socket.on('data', (chunk) => {
      replies.feed(chunk);
      for (let reply = replies.next(); reply !== null; reply = replies.next()) client.heard.push(reply);
      client.#wake();
    });
    client.socket.on('error', () => {});
    client.socket.on('close', () => client.heard.push('(closed)'));
    await once(client.socket, 'connect');
    client.address = `127.0.0.1:${client.socket.localPort}`;
    return client;
  }

  async ask(...args) {
    this.socket.write(encode(...args));
    while (this.heard.length === 0)
      await new Promise((done) => {
        this.#wake = done;
      });
    return this.heard.shift();
  }

  take() {
    return this.heard.splice(0);
  }
}

export class Side {
  #aofAt = 0;

  static async of(server) {
    const side = new Side();
    side.server = server;
    [side.control, side.listener, side.monitor] = await Promise.all([1, 2, 3].map(() => Client.open(server.port)));
    side.stream = await Listener.attach(server.port);
    await side.listener.ask('PSUBSCRIBE', '__key*');
    await side.monitor.ask('MONITOR');
    await side.control.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    return side;
  }

  /** What a list, a sorted set and a string are as DUMP has them. */
  async dumps() {
    const made = [];
    for (const make of ['RPUSH d p q', 'ZADD d 1 p 2 q', 'SET d v']) {
      await this.control.ask(...make.split(' '));
      made.push((await this.control.ask('DUMP', 'd')).slice(1));
      await this.control.ask('DEL', 'd');
    }
    return made;
  }

  /** All that was heard while a story was told: step by step, and at its end. */
  async tell(story) {
    const { control } = this;
    await control.ask('FLUSHALL');
    for (const [name, value] of story.config) await control.ask('CONFIG', 'SET', name, value);
    const clients = [];
    while (clients.length < story.clients) clients.push(await Client.open(this.server.port));
    this.names = new Map(
      [control, ...clients].map(({ address }, i) => [address, i === 0 ? 'control' : `client ${i - 1}`]),
    );
    this.ids = [];
    for (const client of clients) this.ids.push((await client.ask('CLIENT', 'ID')).slice(1));
    await this.#streamed();
    this.#appended();
    await control.ask('CONFIG', 'RESETSTAT');
    const before = changesIn(await control.ask('INFO', 'persistence'));
    await this.#settle();
    this.#overheard();
    const heard = [];
    for (const { client, requests, napMs } of story.steps) {
      clients[client].socket.write(Buffer.concat(requests.map((args) => encode(...this.#filled(args)))));
      if (napMs > 0) await pause(napMs);
      await this.#settle();
      heard.push([...clients.map((one) => this.#nameless(one.take())), ...this.#overheard()]);
    }
    const info = await control.ask('INFO', 'everything');
    const figures = [...figuresIn(info), ...info.split('\r\n').filter((line) => MORE_FIGURES.test(line))];
    const digest = await control.ask('DEBUG', 'DIGEST');
    for (const { socket } of clients) socket.destroy();
    await this.#settle();
    const end = { after: this.#overheard(), stream: await this.#streamed(), aof: this.#appended(), digest, figures };
    return { heard, ...end, changes: story.waits ? 0 : changesIn(info) - before };
  }

  async #settle() {
    for (let i = 0; i < ROUNDS; i++) await this.control.ask('ECHO', 'settle');
    for (let i = 0; i < 2; i++) await new Promise((done) => setImmediate(done));
  }

  #filled(args) {
    return args.map((arg) => {
      const text = arg.toString('latin1');
      return /^@\d$/.test(text) ? this.ids[Number(text[1]) % this.ids.length] : text;
    });
  }

  #overheard() {
    const lines = this.monitor.take().map((line) => this.#lineOf(String(line)));
    return [this.listener.take(), lines.filter((line) => !OURS.test(line))];
  }

  #lineOf(line) {
    const named = line
      .replace(/^\+[\d.]+ /, '')
      .replace(/127\.0\.0\.1:\d+/, (address) => this.names.get(address) ?? address);
    if (!/"client" "unblock"/i.test(named)) return named;
    return named.replace(/"(\d+)"/g, (all, id) => (this.ids.includes(id) ? '"ID"' : all));
  }

  /** Without the ids of clients, which HELLO tells, and CLIENT repeats. */
  #nameless(replies) {
    return replies.map((reply) => {
      if (!Array.isArray(reply)) return reply.replace(/unknown subcommand '\d+'/, 'unknown subcommand ID');
      const at = reply.indexOf('$id');
      return at > 0 ? reply.with(at + 1, 'ID') : this.#nameless(reply);
    });
  }

  /** What replicas were told since the last look. */
  async #streamed() {
    const mark = ['SET', `mark-${Math.random()}`, 'x'];
    await this.control.ask(...mark);
    await this.control.ask('DEL', mark[1]);
    return commandsIn(await this.stream.take(encode(...mark)));
  }

  #appended() {
    const folder = join(this.server.folder, 'appendonlydir');
    const all = readFileSync(
      join(
        folder,
        readdirSync(folder).find((file) => file.includes('incr')),
      ),
    );
    const fresh = all.subarray(this.#aofAt);
    this.#aofAt = all.length;
    return commandsIn(fresh);
  }
}

const changesIn = (info) => Number(/rdb_changes_since_last_save:(\d+)/.exec(info)[1]);

function commandsIn(bytes) {
  const replies = new Replies();
  replies.feed(bytes);
  const commands = [];
  for (let words = replies.next(); words !== null; words = replies.next()) commands.push(words);
  return commands.filter(([, name, key]) => !String(key).startsWith('$mark-') && name !== '$REPLCONF');
}
