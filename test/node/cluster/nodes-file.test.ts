/** Wherever a crash comes, a node starts with what it had said, or with what came after. */

import { expect, test } from 'vitest';
import { FileError } from '../../../src/base/host.js';
import type { SavedCluster } from '../../../src/gossip/node-table.js';
import { NodesFile } from '../../../src/node/cluster/nodes-file.js';
import { Random } from '../../../src/sim/random.js';
import { Disk, DiskFiles } from '../../../src/sim/world/disk.js';
import { loneNode } from '../../gossip/stage/lone-node.js';
import { LoneNode, TestHost } from '../../support/lone-node.js';

class Crash extends Error {}

/** A machine whose process dies at its n-th step of I/O. */
class DiskHost extends TestHost {
  override readonly files: DiskFiles;

  constructor(disk: Disk, crashIn: number) {
    super();
    let left = crashIn;
    const step = (): void => {
      if (left-- === 0) throw new Crash();
    };
    this.files = new DiskFiles(
      disk,
      step,
      () => {},
      () => {},
    );
  }
}

function stateOf(epoch: number): SavedCluster {
  const saved = { ...loneNode(7001), currentEpoch: epoch, lastVoteEpoch: epoch };
  for (const node of saved.nodes) node.configEpoch = epoch;
  return saved;
}

/** The epoch that the next start finds. */
function epochOn(disk: Disk): number {
  const read = new NodesFile(new DiskHost(disk, Number.POSITIVE_INFINITY), 'nodes.conf').read();
  if (read === null) return 0;
  if (!read.ok) throw new Error(`line ${read.line}: ${read.fault.why}`);
  return read.saved.currentEpoch;
}

interface Kept {
  durable: number; // is on disk
  written: number; // is in a file
}

/** Saves of all kinds with growing epochs, until the process dies or all are done. */
function work(file: NodesFile, random: Random, kept: Kept): void {
  for (let epoch = 1; epoch <= 12; epoch++) {
    const choice = epoch === 1 ? 0 : random.below(4);
    if (choice === 0) {
      file.saveDurably(stateOf(epoch));
      kept.durable = epoch;
      kept.written = epoch;
    } else if (choice === 1) {
      file.write(stateOf(epoch));
      kept.written = epoch;
    } else if (choice === 2) file.writeSoon(stateOf(epoch));
    else file.tick();
  }
}

test.each(Array.from({ length: 60 }, (_, step) => step))(
  'a crash at step %i: what was written outlives the process, what is durable the power',
  (step) => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed, 1);
      const disk = new Disk(new Random(seed, 2));
      const kept: Kept = { durable: 0, written: 0 };
      const host = new DiskHost(disk, step);
      try {
        work(new NodesFile(host, 'nodes.conf'), random, kept);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      const losesPower = random.chance(0.5);
      if (losesPower) disk.losePower();
      const found = epochOn(disk);
      expect(found).toBeGreaterThanOrEqual(losesPower ? kept.durable : kept.written);
      expect(epochOn(disk), 'and the next start finds the same').toBe(found);
      if (!losesPower) continue;
      disk.losePower();
      expect(epochOn(disk), 'also when the power fails once more').toBe(found);
    }
  },
);

test('a disk that fills up leaves what was written last', () => {
  const disk = new Disk(new Random(1, 2));
  const file = new NodesFile(new DiskHost(disk, Number.POSITIVE_INFINITY), 'nodes.conf');
  file.saveDurably(stateOf(1));
  file.write(stateOf(2));
  disk.isFull = true;
  expect(() => file.write(stateOf(3))).toThrow('No space left on device');
  expect(epochOn(disk)).toBe(2);
});

const HOST = (): DiskHost => new DiskHost(new Disk(new Random(1, 2)), Number.POSITIVE_INFINITY);
const text = (state: SavedCluster): Uint8Array => {
  const host = HOST();
  new NodesFile(host, 'nodes.conf').saveDurably(state);
  return host.files.read('nodes.conf') ?? new Uint8Array(0);
};
const renamed = (state: SavedCluster): SavedCluster => ({
  ...state,
  nodes: state.nodes.map((node) => ({ ...node, id: 'f'.repeat(40) })),
});

// biome-ignore format: a table
test.each<[string, Uint8Array, number]>([
  ['whole and newer',         text(stateOf(9)),                    9],
  ['of before',               text(stateOf(4)),                    5],
  ['of another node',         text(renamed(stateOf(9))),           5],
  ['cut off',                 text(stateOf(9)).slice(0, -3),       5],
  ['without its last line',   withoutLastLine(text(stateOf(9))),   5],
  ['with a hole',             text(stateOf(9)).fill(0, 60, 70),    5],
  ['empty',                   new Uint8Array(0),                   5],
])('what stands beside the file is %s', (_, beside, epoch) => {
  const host = HOST();
  const file = new NodesFile(host, 'nodes.conf');
  file.saveDurably(stateOf(5));
  host.files.write('nodes.conf.new', beside);
  const read = file.read();
  expect(read?.ok && read.saved.currentEpoch).toBe(epoch);
  expect(host.files.read('nodes.conf.new')).toBeNull();
});

function withoutLastLine(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, bytes.lastIndexOf(0x0a, bytes.length - 2) + 1);
}

test('without a file there is no cluster, whatever stands beside it', () => {
  const host = HOST();
  host.files.write('nodes.conf.new', text(stateOf(9)));
  expect(new NodesFile(host, 'nodes.conf').read()).toBeNull();
  host.files.write('nodes.conf', new Uint8Array(0));
  expect(new NodesFile(host, 'nodes.conf').read()).toBeNull();
  host.files.write('nodes.conf', Buffer.from('nonsense\n'));
  expect(new NodesFile(host, 'nodes.conf').read()).toMatchObject({ ok: false, line: 1 });
});

test.each(['read', 'sync'])('a disk that fails at the %s of a start is told, as redis-server does', (step) => {
  const server = new LoneNode('cluster-enabled yes', 'save ""');
  const { files, pages } = server.host;
  pages.set('nodes.conf', text(stateOf(1)));
  pages.set('nodes.conf.new', text(stateOf(2)));
  const fail = (): never => {
    throw new FileError('EIO', 'Input/output error');
  };
  Object.assign(files, { [step]: fail });
  expect(server.node.join()).toEqual(['Loading the cluster node config from nodes.conf: Input/output error']);
});
