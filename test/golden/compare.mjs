/**
 * Random commands on two servers side by side: a real redis-server, and our handlers without sockets. Every reply and
 * every keyspace event has to be the same.
 *
 *   npx tsx test/golden/compare.mjs strings,keys 1 20000        groups of random.ts, seed, how many
 *
 * Prints what differs and the number of the command; then a row of a golden file is due. A time that is told twice may
 * differ by the one unit that passed in between. Known to differ: OBJECT REFCOUNT of a copied small integer.
 */
import { encodeRequest } from '../../src/resp/reply-reader.js';
import { seeded } from './chance.mjs';
import { Commander } from '../support/commander.js';
import { printed } from '../support/play-golden.js';
import { MAKERS, Random } from './random.js';
import { Asker, withRealServer } from './real-server.mjs';

const [groups = 'strings,keys', seed = '1', steps = '10000'] = process.argv.slice(2);
const MOST_FINDINGS = 20;
const EVENT = /__keyevent@(\d+)__:(.*)/;

/** Keyspace events as the Commander prints them, out of the messages that a subscriber was sent. */
function eventsIn(bytes) {
  const lines = bytes.toString('latin1').split('\r\n');
  return lines.flatMap((line, at) => {
    const event = lines[at - 4] === 'pmessage' || lines[at - 2]?.startsWith('__keyevent@*') ? EVENT.exec(line) : null;
    return event === null ? [] : [`${event[2]} ${event[1]} ${lines[at + 2]}`];
  });
}

function bagOf(args) {
  if (args[0] === 'HGETALL') return 'bag of pairs';
  return args[0] === 'SMEMBERS' || args[0] === 'SPOP' ? 'bag' : 'exact';
}

/** EXPIRETIME of a key that was given so many seconds from now on. */
function areNeighbours(a, b) {
  return a.startsWith(':') && b.startsWith(':') && Math.abs(Number(a.slice(1)) - Number(b.slice(1))) <= 1;
}

function shortened(value) {
  return JSON.stringify(value).slice(0, 300);
}

await withRealServer(async (port) => {
  const [asker, listener] = [await Asker.open(port), await Asker.open(port)];
  await asker.ask('CONFIG SET notify-keyspace-events KEAnm');
  await asker.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  await listener.ask('PSUBSCRIBE __keyevent@*');
  const random = new Random(seeded(Number(seed)));
  const makers = groups.split(',').flatMap((group) => MAKERS.get(group) ?? []);
  const ours = new Commander();
  let findings = 0;
  for (let step = 0; step < Number(steps) && findings < MOST_FINDINGS; step++) {
    const args = random.pick(makers)(random);
    ours.now = Date.now();
    const theirs = await asker.askBytes(encodeRequest(args));
    const theirEvents = eventsIn(await listener.askBytes(Buffer.alloc(0)));
    const reply = ours.runBytes(args);
    const compare = bagOf(args);
    const pairs = [[printed(theirs, compare), printed(reply, compare)]];
    if (args[0] === 'EXPIRETIME' && areNeighbours(theirs.toString(), reply.toString())) pairs.pop();
    pairs.push([theirEvents, ours.events]);
    for (const [want, got] of pairs) {
      if (JSON.stringify(want) === JSON.stringify(got)) continue;
      findings++;
      console.log(`${step} ${shortened(args)}\n  redis ${shortened(want)}\n  ours  ${shortened(got)}`);
    }
  }
  console.log(`${findings} differences`);
  asker.close();
  listener.close();
});
