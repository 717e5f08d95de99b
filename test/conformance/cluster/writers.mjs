/**
 * Clients that write keys of their own, one command at a time, and know what was acknowledged.
 *
 *   Counter         ioredis' cluster client, INCR: a write that is lost or done twice shows in the next answer
 *   WaitingWriter   follows redirections itself, SET and WAIT on one connection: what a replica has is not lost
 */
import { Cluster, Redis } from 'ioredis';

/** Of a command: somebody else may answer better, a little later. */
const LATER_MS = 50;
/** Longer than any failover that is meant to be. */
const GIVE_UP_MS = 60_000;
const WAIT_MS = 1_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Counter {
  acknowledged = new Map();
  writes = 0;
  errors = [];
  latencies = [];
  isRunning = true;

  constructor(number, ports) {
    this.number = number;
    this.client = new Cluster(
      ports.map((port) => ({ host: '127.0.0.1', port })),
      { clusterRetryStrategy: (times) => Math.min(100 * times, 1000), slotsRefreshTimeout: 2000 },
    );
    this.client.on('error', () => {}); // what matters is what a command hears
  }

  async run(keys) {
    for (let i = 0; this.isRunning; i++) {
      const key = `w${this.number}:${i % keys}`;
      const begunAt = performance.now();
      try {
        const count = await this.client.incr(key);
        const expected = (this.acknowledged.get(key) ?? 0) + 1;
        if (count !== expected) this.errors.push(`${key}: ${count} after ${expected - 1}`);
        this.acknowledged.set(key, count);
        this.writes++;
      } catch (error) {
        this.errors.push(`INCR ${key}: ${error.message}`);
      }
      this.latencies.push(performance.now() - begunAt);
    }
  }

  /** Keys that are not what was acknowledged. */
  async lost() {
    const missing = [];
    for (const [key, count] of this.acknowledged) {
      const found = Number(await this.client.get(key));
      if (found !== count) missing.push(`${key}: ${found}, not ${count}`);
    }
    return missing;
  }

  end() {
    this.client.disconnect();
  }
}

export class WaitingWriter {
  /** Key to the highest number that a replica was known to have. */
  acknowledged = new Map();
  writes = 0;
  unconfirmed = 0;
  errors = [];
  latencies = [];
  isRunning = true;
  /** Port to connection. */
  links = new Map();
  /** Slots are not computed here: who answered for a key last is asked first. */
  places = new Map();

  constructor(number, ports) {
    this.number = number;
    this.ports = ports;
  }

  linkTo(port) {
    const known = this.links.get(port);
    if (known !== undefined && known.status !== 'end') return known;
    const link = new Redis({ port, host: '127.0.0.1', retryStrategy: null, maxRetriesPerRequest: 0 });
    link.on('error', () => {}); // what matters is what a command hears
    this.links.set(port, link);
    return link;
  }

  async run(keys) {
    for (let i = 1; this.isRunning; i++) {
      const key = `w${this.number}:${i % keys}`;
      const begunAt = performance.now();
      try {
        const link = await this.follow(key, ['set', key, String(i)]);
        this.writes++;
        if (Number(await link.call('wait', '1', String(WAIT_MS)).catch(() => 0)) >= 1) this.acknowledged.set(key, i);
        else this.unconfirmed++;
      } catch (error) {
        this.errors.push(`SET ${key}: ${error.message}`);
      }
      this.latencies.push(performance.now() - begunAt);
    }
  }

  /** Runs a command that may be run twice. The connection on which it was served; what was answered is in `answer`. */
  async follow(key, command) {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    let port = this.places.get(key) ?? this.ports[0];
    let asks = false;
    for (;;) {
      const link = this.linkTo(port);
      try {
        const said = asks ? [link.call('asking'), link.call(...command)] : [link.call(...command)];
        this.answer = (await Promise.all(said)).at(-1);
        if (!asks) this.places.set(key, port);
        return link;
      } catch (error) {
        if (performance.now() > giveUpAt) throw error;
        const [word, , place] = error.message.split(' ');
        asks = word === 'ASK';
        if (word === 'MOVED' || asks) port = Number(place.slice(place.lastIndexOf(':') + 1));
        else {
          await sleep(LATER_MS);
          port = this.ports[Math.floor(Math.random() * this.ports.length)];
        }
      }
    }
  }

  /** Keys that are older than what a replica had. */
  async lost() {
    const missing = [];
    for (const [key, number] of this.acknowledged) {
      await this.follow(key, ['get', key]);
      if (!(Number(this.answer) >= number)) missing.push(`${key}: ${this.answer}, not ${number}`);
    }
    return missing;
  }

  end() {
    for (const link of this.links.values()) link.disconnect();
  }
}
