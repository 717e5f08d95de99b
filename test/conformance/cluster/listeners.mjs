/**
 * Connections that listen to channels, and what is proven with them in a cluster of both kinds: messages cross the bus
 * both ways, shard channels keep to their shard, and who listens is sent away when a slot goes to the other kind.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expectSame, until } from './checks.mjs';
import { cli } from './nodes.mjs';

const LIMIT_MS = 5_000;

class Listener {
  #text = '';

  static async at({ port }, ...subscribe) {
    const listener = new Listener();
    listener.socket = connect(port, '127.0.0.1').on('data', (bytes) => {
      listener.#text += bytes.toString('latin1');
    });
    await once(listener.socket, 'connect');
    listener.socket.write(`${subscribe.join(' ')}\r\n`);
    await until(LIMIT_MS, () => listener.#text.endsWith(':1\r\n'));
    listener.#text = '';
    return listener;
  }

  /** Messages, their parts parted by blanks. */
  get heard() {
    const messages = this.#text.split(/\*(?=\d\r\n\$)/).slice(1);
    return messages.map((message) => {
      const lines = message.split('\r\n').slice(1, -1);
      return lines.filter((line) => !line.startsWith('$')).join(' ');
    });
  }

  async hears(expected) {
    await until(
      LIMIT_MS,
      () => this.heard.length >= expected.length,
      () => this.heard.join('; '),
    );
    expectSame(this.heard.sort(), [...expected].sort(), 'what was heard');
  }

  leave() {
    this.socket.destroy();
  }
}

export async function hearEachOther(checks, nodes) {
  const listeners = await Promise.all(nodes.map((node) => Listener.at(node, 'SUBSCRIBE', 'news')));
  for (const [i, { name, port }] of nodes.entries())
    await checks.check(`what is published at ${name} is heard at all six`, async () => {
      expectSame(await cli(port, 'publish', 'news', `${i}`), '1', 'who heard it there');
      const expected = Array.from({ length: i + 1 }, (_, k) => `message news ${k}`);
      await Promise.all(listeners.map((listener) => listener.hears(expected)));
    });
  for (const listener of listeners) listener.leave();
}

/** `giveSlot` gives the slot of a channel from one node to the other. */
export async function losesItsListeners(checks, from, to, channel, giveSlot) {
  await checks.check(`who listens to a shard channel at ${from.name} is sent away when its slot goes`, async () => {
    const listener = await Listener.at(from, 'SSUBSCRIBE', channel);
    expectSame(await cli(from.port, 'spublish', channel, 'm'), '1', 'who heard it');
    await giveSlot();
    await listener.hears([`smessage ${channel} m`, `sunsubscribe ${channel} :0`]);
    const next = await Listener.at(to, 'SSUBSCRIBE', channel);
    expectSame(await cli(to.port, 'spublish', channel, 'n'), '1', 'who heard it at the other node');
    await next.hears([`smessage ${channel} n`]);
    for (const one of [listener, next]) one.leave();
  });
}
