import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Addressee, Outbox, type ReplyLink } from '../../src/node/outbox.js';
import { BASE_SIZE, ReplyWriter } from '../../src/resp/writer.js';
import { tries } from '../support/tries.js';

/** A connection whose system takes what it is told to take, and shows whether a buffer changed before it was taken. */
class Peer implements Addressee, ReplyLink {
  readonly link = this;
  readonly closing = false;
  pushed: Buffer[] | null = null;
  pushedBytes = 0;
  isSlow = false;
  readonly backlogs: number[] = [];
  private readonly waiting: { bytes: Buffer; was: Buffer }[] = [];
  private taken = '';

  write(bytes: Buffer): void {
    if (this.isSlow || this.waiting.length > 0) this.waiting.push({ bytes, was: Buffer.from(bytes) });
    else this.taken += bytes.toString('latin1');
  }

  queuedBytes(): number {
    return this.waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  onBacklog(bytes: number): void {
    this.backlogs.push(bytes);
  }

  end(): void {}
  close(): void {}

  /** All that has arrived in the end. */
  readAll(): string {
    for (const { bytes, was } of this.waiting.splice(0)) {
      expect(bytes.equals(was)).toBe(true);
      this.taken += bytes.toString('latin1');
    }
    return this.taken;
  }
}

class Turns {
  private waiting: (() => void)[] = [];
  readonly out = new ReplyWriter();
  readonly outbox = new Outbox(this.out, { endOfTurn: (run) => void this.waiting.push(run) });

  end(): void {
    for (const run of this.waiting.splice(0)) run();
  }

  reply(to: Peer, text: string): void {
    this.out.raw(text);
    this.outbox.flush(to);
  }
}

describe('replies', () => {
  test('leave at the end of the turn, and each to its own', () => {
    const [turns, a, b] = [new Turns(), new Peer(), new Peer()];
    turns.reply(a, '+1\r\n');
    turns.reply(b, '+2\r\n');
    turns.reply(a, '+3\r\n');
    expect(a.readAll() + b.readAll()).toBe('');
    turns.end();
    expect([a.readAll(), b.readAll()]).toEqual(['+1\r\n+3\r\n', '+2\r\n']);
  });

  test('leave at once while one client comes per turn, until a second one does', () => {
    const [turns, a, b] = [new Turns(), new Peer(), new Peer()];
    for (let i = 0; i < 20; i++) {
      turns.reply(a, '.');
      turns.end();
    }
    turns.reply(a, 'x');
    expect(a.readAll()).toBe(`${'.'.repeat(20)}x`);
    for (let i = 0; i < 70; i++) turns.reply(i % 2 === 0 ? a : b, '-');
    turns.end();
    turns.reply(a, 'y');
    expect(a.readAll().endsWith('y')).toBe(false);
  });

  test('to a slow client are never written over', () => {
    const [turns, slow, quick] = [new Turns(), new Peer(), new Peer()];
    slow.isSlow = true;
    let sent = '';
    for (let i = 0; i < 50; i++) {
      const text = `reply ${i}\r\n`;
      turns.reply(slow, text);
      turns.reply(quick, 'other\r\n');
      sent += text;
      turns.end();
    }
    expect(slow.backlogs.at(-1)).toBe(sent.length);
    expect(slow.readAll()).toBe(sent);
    expect(quick.readAll()).toBe('other\r\n'.repeat(50));
  });

  test('of a megabyte leave in parts, behind what is complete', () => {
    const [turns, a, b] = [new Turns(), new Peer(), new Peer()];
    turns.reply(a, 'first');
    turns.reply(b, 'second');
    const long = 'v'.repeat(900_000);
    for (let i = 0; i < 4; i++) turns.out.raw(long);
    turns.outbox.flush(a);
    turns.reply(b, 'third');
    turns.end();
    expect(a.readAll()).toBe(`first${long.repeat(4)}`);
    expect(b.readAll()).toBe('secondthird');
    expect(turns.out.buf.length).toBe(BASE_SIZE);
  });

  test('what is pushed comes behind the replies', () => {
    const [turns, a] = [new Turns(), new Peer()];
    turns.outbox.push(a, Buffer.from('>'));
    turns.reply(a, '+OK\r\n');
    turns.end();
    expect(a.readAll()).toBe('+OK\r\n>');
  });
});

test('any clients, quick or slow, with replies of any length, in any turns: each reads its own in order', () => {
  const step = fc.record({
    who: fc.nat(4),
    length: fc.oneof({ weight: 5, arbitrary: fc.nat(200) }, fc.nat(100_000), fc.nat(1_500_000)),
    how: fc.constantFrom('flush', 'flush', 'now in between', 'end of turn', 'slows', 'reads'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const turns = new Turns();
      const peers = Array.from({ length: 5 }, () => new Peer());
      const sent = peers.map(() => '');
      for (const { who, length, how } of steps) {
        const peer = peers[who] as Peer;
        if (how === 'slows') peer.isSlow = true;
        else if (how === 'reads') {
          peer.isSlow = false;
          peer.readAll();
        } else if (how === 'end of turn') turns.end();
        const text = String.fromCharCode(97 + (length % 26)).repeat(length);
        turns.out.raw(text);
        if (how === 'now in between') {
          turns.outbox.sendNow(peer);
          turns.out.raw('-');
        }
        turns.outbox.flush(peer);
        sent[who] += how === 'now in between' ? `${text}-` : text;
      }
      turns.end();
      for (const [i, peer] of peers.entries()) expect(peer.readAll() === sent[i]).toBe(true);
    }),
    { numRuns: tries(60) },
  );
});
