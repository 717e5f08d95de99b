/**
 * The book of subscriptions against plain pairs: random subscribing, unsubscribing and leaving.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Book } from '../../../src/node/pubsub/book.js';
import { Frame } from '../../../src/node/pubsub/frames.js';
import { ReplyWriter } from '../../../src/resp/writer.js';

const CLIENTS = [{ name: 'A' }, { name: 'B' }, { name: 'C' }];
const TOPICS = ['', 'a', 'b', '\xff\0'];

test('both sides agree, whatever happens', () => {
  const step = fc.tuple(
    fc.constantFrom('add', 'remove', 'leave'),
    fc.constantFrom(...CLIENTS),
    fc.constantFrom(...TOPICS),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = new Book<(typeof CLIENTS)[number]>();
      let pairs: (readonly [client: object, topic: string])[] = [];
      const has = (client: object, topic: string): boolean => pairs.some(([c, t]) => c === client && t === topic);
      for (const [what, client, topic] of steps) {
        if (what === 'leave') for (const each of book.topicsOf(client)) book.remove(client, each);
        else expect(book[what as 'add' | 'remove'](client, topic)).toBe(has(client, topic) === (what === 'remove'));
        pairs = pairs.filter(([c, t]) => !(c === client && (what === 'leave' || t === topic)));
        if (what === 'add') pairs.push([client, topic]);
        expect(book.topicCount).toBe(new Set(pairs.map(([, t]) => t)).size);
        expect([...book.topics].sort()).toEqual([...new Set(pairs.map(([, t]) => t))].sort());
        for (const each of CLIENTS) {
          const topics = TOPICS.filter((t) => has(each, t));
          expect([...book.topicsOf(each)].sort()).toEqual(topics.sort());
          expect(book.countOf(each)).toBe(topics.length);
          expect(book.bytesOf(each)).toBe(topics.reduce((sum, t) => sum + 100 + t.length, 0));
        }
        for (const t of TOPICS) expect([...book.subscribers(t)].every((each) => has(each, t))).toBe(true);
      }
    }),
  );
});

test('a frame is what the reply writer would write, in both protocols', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }), (parts) => {
      const frame = new Frame(...parts.map((part, i) => (i % 2 === 0 ? part : Buffer.from(part).toString('latin1'))));
      for (const resp of [2, 3]) {
        const reply = new ReplyWriter();
        reply.resp = resp;
        reply.pushHeader(parts.length);
        for (const part of parts) reply.bulkBytes(part);
        expect(frame.in(resp).equals(reply.buf.subarray(0, reply.pos))).toBe(true);
      }
    }),
  );
});
