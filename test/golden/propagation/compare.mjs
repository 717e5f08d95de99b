/**
 * Random commands on two servers side by side: a real redis-server, and a node of ours. What replicas are told has to
 * be the same.
 *
 *   npx tsx test/golden/propagation/compare.mjs strings,keys,collections 1 20000
 *                                               groups of random.ts, seed, how many
 *
 * Streams are compared by the hundred commands; the first line that differs is printed, and what was said before it.
 * Every tenth command is in a transaction of a few.
 */
import { encodeRequest } from '../../../src/resp/reply-reader.js';
import { seeded } from '../chance.mjs';
import { LoneNode } from '../../support/lone-node.js';
import { linesOf } from '../../support/stream-text.js';
import { MAKERS, Random } from '../random.js';
import { Asker, withRealServer } from '../real-server.mjs';
import { Listener, SETTINGS, streamSince } from './listener.mjs';

const [groups = 'strings,keys,collections', seed = '1', steps = '10000'] = process.argv.slice(2);
const BATCH = 100;

/** One command, or MULTI, a few, and EXEC. */
function next(random, makers) {
  if (random.below(10) > 0) return [random.pick(makers)(random)];
  const inside = Array.from({ length: random.below(5) }, () => random.pick(makers)(random));
  return [['MULTI'], ...inside, ['EXEC']];
}

/** The moments of both differ by what passes between them. */
function alike(a, b) {
  const [want, got] = [a.split(' '), (b ?? '').split(' ')];
  return want.length === got.length && want.every((word, i) => word === got[i] || areNear(word, got[i]));
}

function areNear(a, b) {
  if (a.startsWith('{now') && b.startsWith('{now')) return true;
  const areMoments = /^\d{13,}$/.test(a) && /^\d{13,}$/.test(b);
  return areMoments && Math.abs(Number(BigInt(a) - BigInt(b))) < 100;
}

await withRealServer(async (port) => {
  const [asker, marker] = [await Asker.open(port), await Asker.open(port)];
  for (const setting of SETTINGS) await asker.ask(`CONFIG SET ${setting}`);
  await asker.ask('DEBUG SET-ACTIVE-EXPIRE 0');
  const listener = await Listener.attach(port);
  const ours = new LoneNode('enable-debug-command yes');
  const client = ours.connect();
  const start = ours.host.wallMs();
  client.say('DEBUG SET-ACTIVE-EXPIRE 0');
  let told = Buffer.alloc(0);
  ours.node.dispatcher.propagation.setSink('stream', {
    append: (bytes, from, to) => void (told = Buffer.concat([told, bytes.subarray(from, to)])),
  });
  const random = new Random(seeded(Number(seed)));
  const makers = groups.split(',').flatMap((group) => MAKERS.get(group) ?? []);
  await asker.ask('FLUSHALL');
  client.say('FLUSHALL');
  let findings = 0;
  for (let step = 0; step < Number(steps) && findings < 5; step += BATCH) {
    const said = [];
    for (let i = 0; i < BATCH; i++) {
      const args = next(random, makers);
      const now = Date.now();
      ours.host.nowMs = now - start;
      said.push(...args);
      await asker.askBytes(Buffer.concat(args.map(encodeRequest)));
      for (const each of args) client.runBytes(each);
    }
    const [now, theirs] = [Date.now(), await streamSince(marker, listener)];
    const [want, got] = [linesOf(theirs, now), linesOf(told, now)];
    told = Buffer.alloc(0);
    const at = want.findIndex((line, k) => !alike(line, got[k]));
    if (at < 0 && want.length === got.length) continue;
    findings++;
    console.log(`from ${step} on, line ${at} of ${want.length}`);
    console.log(`  redis ${JSON.stringify(want.slice(Math.max(0, at - 2), at + 3)).slice(0, 600)}`);
    console.log(`  ours  ${JSON.stringify(got.slice(Math.max(0, at - 2), at + 3)).slice(0, 600)}`);
  }
  console.log(`${findings} differences`);
  for (const each of [asker, marker, listener]) each.close();
});
