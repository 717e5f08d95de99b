/** What Redis wrote is read, and written back to the byte; what nobody can have written is refused with its line. */

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SavedCluster, SavedNode } from '../../../src/gossip/node-table.js';
import { describeConfFault, formatNodesConf, parseNodesConf } from '../../../src/gossip/nodes-conf.js';
import { rangesIn, bitmapOf } from '../../../src/slots/slot-set.js';
import { tries } from '../../support/tries.js';

const FOLDER = new URL('../../golden/nodes-conf/', import.meta.url);
const GOLDEN = readdirSync(FOLDER).filter((file) => file.endsWith('.conf'));
const golden = (file: string): string => readFileSync(new URL(file, FOLDER), 'latin1');
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

function saved(text: string): SavedCluster {
  const read = parseNodesConf(bytes(text));
  if (!read.ok) throw new Error(`line ${read.line}: ${describeConfFault(read.fault)}`);
  return read.saved;
}

describe('files of redis-server 7.0.15', () => {
  test.each(GOLDEN)('%s comes back to the byte', (file) => {
    expect(formatNodesConf(saved(golden(file)))).toBe(golden(file));
  });

  test('what they say', () => {
    const migrating = saved(golden('migrating.conf'));
    expect([migrating.currentEpoch, migrating.lastVoteEpoch]).toEqual([6, 0]);
    expect(migrating.migrating.map(({ slot }) => slot)).toEqual([7, 9]);
    expect(migrating.nodes.find((node) => node.myself)).toMatchObject({
      role: 'primary',
      address: { ip: '127.0.0.1', port: 23400, busPort: 23420, plainPort: 0 },
      slots: [{ from: 0, to: 5460 }],
    });
    expect(saved(golden('importing.conf')).importing.map(({ slot }) => slot)).toEqual([7]);
    const failed = saved(golden('failed-primary.conf')).nodes.find((node) => node.health === 'failed');
    expect(failed).toMatchObject({ role: 'primary', connected: false, slots: [], primaryId: null });
    expect(saved(golden('nofailover.conf')).nodes[0]).toMatchObject({ noFailover: true, myself: true });
    const named = saved(golden('nofailover.conf')).nodes.filter((node) => node.hostname !== '');
    expect(named.map((node) => node.hostname)).toEqual(['node-2.example.org']);
  });
});

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ME = `${A} 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460`;
const OTHER = `${B} 127.0.0.1:7001@17001 master - 0 1700000000000 2 connected 5461`;
const VARS = 'vars currentEpoch 2 lastVoteEpoch 1';

describe('forms that Redis reads but does not write', () => {
  const lines = (...texts: string[]): string => `${texts.join('\n')}\n`;
  const me = (part: string, by: string): string => ME.replace(part, by);
  const LOWER = 'vars currentEpoch 1 lastVoteEpoch 0';
  const RAISED = 'vars currentEpoch 2 lastVoteEpoch 0';
  const FOLLOWING = me('master -', `slave ${B}`);
  const CAPITALS = me('myself,master', 'MySelf,MASTER');
  const MADE_UP = OTHER.replace('master', 'handshake');
  const NO_LINE = `${B} :0@0 noflags - 0 0 0 disconnected`;
  const NOWHERE = me('127.0.0.1:7000@17000', ':0@0');

  // biome-ignore format: a table
  test.each<[string, string, string]>([
    ['empty lines of a longer text',        lines(ME, '', '', VARS, '', ''),       lines(ME, VARS)],
    ['vars first',                          lines(VARS, ME),                       lines(ME, VARS)],
    ['no vars: the epochs of the nodes',    lines(ME, OTHER),                      lines(ME, OTHER, RAISED)],
    ['a current epoch that is too low',     lines(ME, OTHER, LOWER),               lines(ME, OTHER, RAISED)],
    ['no bus port, as in Redis 3',          lines(me('@17000', ''), VARS),         lines(ME, VARS)],
    ['capitals',                            lines(CAPITALS, VARS.toUpperCase()),   lines(ME, VARS)],
    ['more blanks',                         `${ME.replaceAll(' ', '  ')} \n${VARS}\r\n`, lines(ME, VARS)],
    ['one slot as a range',                 lines(me('0-5460', '7-7'), VARS),      lines(me('0-5460', '7'), VARS)],
    ['a made-up id, in handshake',          lines(ME, MADE_UP, VARS),              lines(ME, VARS)],
    ['no address yet',                      lines(NOWHERE, VARS),                  lines(NOWHERE, VARS)],
    ['IPv6',                                lines(me('127.0.0.1', '::1'), VARS),   lines(me('127.0.0.1', '::1'), VARS)],
    ['a primary without a line of its own', lines(FOLLOWING, VARS),                lines(FOLLOWING, NO_LINE, VARS)],
  ])('%s', (_, text, back) => expect(formatNodesConf(saved(text))).toBe(back));

  test('an unknown variable is skipped with a warning', () => {
    const read = parseNodesConf(bytes(`${ME}\n${VARS} future 7\n`));
    expect(read).toMatchObject({ ok: true, warnings: ["Skipping unknown cluster config variable 'future'"] });
  });
});

// biome-ignore format: a table
test.each<[string, number, string]>([
  ['',                                               0, 'no node is marked as myself'],
  ['\n\n',                                           2, 'no node is marked as myself'],
  [`${OTHER}\n${VARS}\n`,                            2, 'no node is marked as myself'],
  [`${ME}\n${VARS}`,                                 2, 'the line has no end: the file was cut off'],
  [`${ME.slice(0, 80)}\n${VARS}\n`,                  1, '5 fields, where a node has at least 8'],
  [`${ME.slice(1)}\n`,                               1, `the node id cannot be '${'a'.repeat(39)}'`],
  [`${ME.replace('7000@', '70000@')}\n`,             1, "the address cannot be '127.0.0.1:70000@17000'"],
  [`${ME.replace('@17000', '@x')}\n`,                1, "the address cannot be '127.0.0.1:7000@x'"],
  [`${ME.replace('@17000', '@')}\n`,                 1, "the address cannot be '127.0.0.1:7000@'"],
  [`${ME.replace('@17000', '@1@2')}\n`,              1, "the address cannot be '127.0.0.1:7000@1@2'"],
  [`${ME.replace('127.0.0.1:7000@17000', 'here')}\n`, 1, "the address cannot be 'here'"],
  [`${ME.replace('@17000', '@17000,a_b!')}\n`,       1, "the address cannot be '127.0.0.1:7000@17000,a_b!'"],
  [`${ME.replace('myself,', 'myself,lord,')}\n`,     1, "there is no flag 'lord'"],
  [`${ME.replace('master', 'master,slave')}\n`,      1, 'a node cannot be master and slave'],
  [`${ME.replace(' - ', ` ${B} `)}\n`,               1, `a master cannot follow ${B}`],
  [`${ME.replace(' - ', ' nobody ')}\n`,             1, "the master cannot be 'nobody'"],
  [`${ME.replace(' 0 0 1 ', ' x 0 1 ')}\n`,          1, "the time of the ping cannot be 'x'"],
  [`${ME.replace(' 0 0 1 ', ' 0 -5 1 ')}\n`,         1, "the time of the pong cannot be '-5'"],
  [`${ME.replace(' 0 0 1 ', ' 0 0 9007199254740992 ')}\n`, 1, "the config epoch cannot be '9007199254740992'"],
  [`${ME.replace('connected', 'conn')}\n`,           1, "the link state cannot be 'conn'"],
  [`${ME.replace('5460', '16384')}\n`,               1, "the slot range cannot be '0-16384'"],
  [`${ME.replace('0-5460', '7-5')}\n`,               1, "the slot range cannot be '7-5'"],
  [`${ME.replace('0-5460', '1-2-3')}\n`,             1, "the slot range cannot be '1-2-3'"],
  [`${ME.replace('0-5460', '1-')}\n`,                1, "the slot range cannot be '1-'"],
  [`${ME} [7->-${B}\n`,                              1, `the moving slot cannot be '[7->-${B}'`],
  [`${ME} [7->-${B.slice(1)}]\n`,                    1, `the moving slot cannot be '[7->-${B.slice(1)}]'`],
  [`${ME} [16384->-${B}]\n`,                         1, `the moving slot cannot be '[16384->-${B}]'`],
  [`${ME} [7-=-${B}]\n`,                             1, `the moving slot cannot be '[7-=-${B}]'`],
  [`${ME} [\n`,                                      1, "the moving slot cannot be '['"],
  [`${ME} [7->-${B}] [7->-${A}]\n`,                  1, 'slot 7 is on its way already'],
  [`${ME} 5460-5461\n`,                              1, 'slot 5460 has an owner already'],
  [`${ME}\n${OTHER.replace('5461', '5460')}\n`,      2, 'slot 5460 has an owner already'],
  [`${ME}\n${ME}\n`,                                 2, `node ${A} has a line already`],
  [`${ME}\n${OTHER.replace('master', 'myself,master')}\n`, 2, 'two nodes are marked as myself'],
  [`${ME}\nvars currentEpoch\n`,                     2, 'the variable currentEpoch has no number'],
  [`${ME}\nvars currentEpoch x lastVoteEpoch 1\n`,   2, 'the variable currentEpoch has no number'],
  [`${ME}\n"${VARS}\n`,                              2, 'quotes are not balanced'],
])('%j: line %i, %s', (text, line, words) => {
  const read = parseNodesConf(bytes(text));
  expect(read.ok ? 'read' : [read.line, describeConfFault(read.fault)]).toEqual([line, words]);
});

// ── any cluster ─────────────────────────────────────────────────────────────
const port = fc.integer({ min: 0, max: 65535 });
const moment = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 45 }));
const anyNode = fc.record({
  id: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((id) => Buffer.from(id).toString('hex')),
  address: fc.record({
    ip: fc.constantFrom('', '127.0.0.1', '::1', 'fe80::1%eth0', '10.0.0.7'),
    port,
    busPort: port,
    plainPort: fc.constant(0),
  }),
  hostname: fc.constantFrom('', 'alpha', 'node-1.example.org'),
  role: fc.constantFrom('primary' as const, 'replica' as const, 'unknown' as const),
  health: fc.constantFrom('ok' as const, 'suspected' as const, 'failed' as const),
  noAddress: fc.boolean(),
  noFailover: fc.boolean(),
  pingSentMs: moment,
  pongReceivedMs: moment,
  configEpoch: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.maxSafeNat()),
  connected: fc.boolean(),
});
const anySlots = fc.uniqueArray(fc.nat(200), { maxLength: 60 });

/** Node 0 is me; each slot goes to the node its number falls on; replicas follow the node before them. */
const anyCluster: fc.Arbitrary<SavedCluster> = fc
  .tuple(
    fc.uniqueArray(anyNode, { minLength: 1, maxLength: 6, selector: (node) => node.id }),
    anySlots,
    anySlots,
    anySlots,
  )
  .map(([records, owned, leaving, coming]) => {
    const nodes = records.map((record, i): SavedNode => {
      const slots = rangesIn(bitmapOf(owned.filter((slot) => slot % records.length === i)));
      const primaryId = record.role === 'replica' && i > 0 ? records[i - 1]!.id : null;
      return { ...record, myself: i === 0, primaryId, slots };
    });
    const moves = (slots: number[]) => slots.sort((a, b) => a - b).map((slot) => ({ slot, with: nodes.at(-1)!.id }));
    const currentEpoch = Math.max(...nodes.map((node) => node.configEpoch));
    const importing = moves(coming.filter((slot) => !leaving.includes(slot)));
    return { nodes, currentEpoch, lastVoteEpoch: 3, migrating: moves(leaving), importing };
  });

test('what is written is read as what was meant', () => {
  fc.assert(
    fc.property(anyCluster, (cluster) => {
      expect(saved(formatNodesConf(cluster))).toEqual(cluster);
    }),
    { numRuns: tries(150) },
  );
});

test('no text makes the reader throw, and what it accepts it can write', () => {
  const letters = fc.constantFrom(...' \n-[]<>,:@"\\0179afx', 'vars ', 'master', A);
  const damage = fc.tuple(fc.nat(600), fc.nat(12), fc.string({ unit: letters, maxLength: 6 }));
  fc.assert(
    fc.property(fc.constantFrom(...GOLDEN), fc.array(damage, { maxLength: 4 }), (file, changes) => {
      let text = golden(file);
      for (const [at, cut, insert] of changes) text = text.slice(0, at) + insert + text.slice(at + cut);
      const read = parseNodesConf(bytes(text));
      if (read.ok) expect(saved(formatNodesConf(read.saved))).toEqual(read.saved);
      else expect(describeConfFault(read.fault)).not.toContain('undefined');
    }),
    { numRuns: tries(500) },
  );
});
