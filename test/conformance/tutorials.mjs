/**
 * Five public tutorials, followed to the letter with the stock redis-cli: `node test/conformance/tutorials.mjs`.
 *
 *   scaling     MEET, ADDSLOTS and REPLICATE by hand, a failover, a fourth shard in and out
 *   passwords   requirepass and masterauth, create, a failover, a shard lost, a slave for a chosen master
 *   terminals   six folders, six terminals
 *   guide       a configuration on one line, nodes.conf shared by six, reshard, CLUSTER FAILOVER, questions
 *   pitfalls    a comment behind a value, no masterauth, ioredis, hash tags
 *
 * Each check names the step of its text. Where a text has a trap, the trap is followed first. What cannot be followed
 * is in the table below, with its reason. They run side by side, since they mostly wait for node timeouts.
 * `--only guide` leaves out the others; `--server real` follows them with redis-server.
 */
import { runSideBySide } from './proofs.mjs';
import { clearDesks } from './tutorials/desk.mjs';
import { proveGuide } from './tutorials/guide.mjs';
import { provePasswords } from './tutorials/passwords.mjs';
import { provePitfalls } from './tutorials/pitfalls.mjs';
import { proveScaling } from './tutorials/scaling.mjs';
import { proveTerminals } from './tutorials/terminals.mjs';

// biome-ignore format: a table
const NOT_FOLLOWED = [
  // text        step                                         why not
  ['scaling',   'download the source and compile it',          'there is nothing to compile: npm ci'],
  ['scaling',   'redis-trib.rb',                               'named only; redis-cli took its place in Redis 5'],
  ['passwords', 'slot rebalancing, split brain',               'named only; moves.mjs and test/stories have them'],
  ['passwords', 'Bloom filters, distributed locks',            'further reading'],
  ['terminals', 'wget, tar xzf, make',                         'there is nothing to compile: npm ci'],
  ['terminals', 'open both ports in the firewall',             'one machine; sextet doctor knocks at both'],
  ['terminals', 'Sentinel, RedisJSON',                         'named as alternatives; neither is here'],
  ['guide',     'pip install redis-py-cluster',                'part of redis-py now, which is used instead'],
  ['guide',     'Redis Cluster Proxy',                         'another program, given up by its authors'],
  ['pitfalls',  'six machines 10.0.0.1 to 10.0.0.6',           'one machine: 127.0.0.1 instead'],
  ['pitfalls',  'ElastiCache, Redis Cloud, Yandex, redis-shake', 'named only'],
];

console.log('Not followed:');
for (const [text, step, why] of NOT_FOLLOWED) console.log(`  ${text.padEnd(10)} ${step.padEnd(46)} ${why}`);

const PROOFS = {
  scaling: proveScaling,
  passwords: provePasswords,
  terminals: proveTerminals,
  guide: proveGuide,
  pitfalls: provePitfalls,
};

await runSideBySide('tutorials', ['redis-cli', 'redis-server', 'bash', 'ps'], PROOFS, clearDesks);
