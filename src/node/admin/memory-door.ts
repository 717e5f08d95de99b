/**
 * MEMORY STATS and DOCTOR: the figures of memory-report.ts under Redis' names, and what a doctor makes of them.
 *
 * The names of slaves and of Lua are those that go out; their figures are zero as long as there is nothing to count.
 */
import type { MemoryDoor, MemoryFigure, MemoryStats } from '../../commands/server/memory.js';
import type { Node } from '../node.js';
import { type DatabaseOverhead, type MemoryReport, reportMemory } from './memory-report.js';

/** Below it nothing can be said. */
const TOO_LITTLE = 5 * 1024 * 1024;
/** Two segments of the arena: one is being filled, and one may just have been emptied. */
const TOLERATED_GAP = 32 * 1024 * 1024;
/** Node itself, with some room. */
const TOLERATED_RSS = 100 * 1024 * 1024;
const MANY_BYTES_PER_CLIENT = 200 * 1024;

export class NodeMemory implements MemoryDoor {
  constructor(private readonly node: Node) {}

  stats(): MemoryStats {
    return statsOf(reportMemory(this.node));
  }

  diagnosis(): string {
    const report = reportMemory(this.node);
    if (report.used < TOO_LITTLE) return 'There is hardly any data here yet: too little to judge by.\n';
    const found = SYMPTOMS.filter(({ shows }) => shows(report, this.node)).map(({ words }) => ` * ${words}\n`);
    if (found.length === 0) return 'Nothing odd about the memory of this server.\n';
    return `What is odd about the memory of this server:\n\n${found.join('\n')}`;
  }
}

interface Symptom {
  readonly shows: (report: MemoryReport, node: Node) => boolean;
  readonly words: string;
}

const SYMPTOMS: readonly Symptom[] = [
  {
    shows: ({ peak, used }) => peak > used * 1.5,
    words:
      'Peak: once more than one and a half times as much was in use as now. Segments that are not empty stay with the ' +
      'process until they are, and are filled first when data comes back.',
  },
  {
    shows: ({ active, allocated }) => active > allocated * 1.1 && active - allocated > TOLERATED_GAP,
    words:
      'Gaps: the arena holds over a tenth more than is used of it, as after many deletions. New keys fill the gaps; ' +
      'a restart closes them.',
  },
  {
    shows: ({ rss, active }) => rss > active * 1.4 && rss - active > TOLERATED_RSS,
    words:
      'Process: the system counts far more memory for this process than is accounted for. Node itself takes some ' +
      '50 MB, and the rest are buffers of the garbage collector and of sockets.',
  },
  {
    shows: ({ clients }, { clients: { size } }) => clients / Math.max(1, size) > MANY_BYTES_PER_CLIENT,
    words:
      'Clients: on average each holds over 200 KB. Some do not read their replies, or send very long pipelines: ' +
      'CLIENT LIST tells which, by omem and qbuf.',
  },
];

function integer(name: string, value: number): MemoryFigure {
  return [name, value, 'integer'];
}

function ratio(name: string, part: number, whole: number): MemoryFigure {
  return [name, whole === 0 ? 0 : part / whole, 'ratio'];
}

function statsOf(report: MemoryReport): MemoryStats {
  const { active, allocated, rss, startup, used } = report;
  return [
    integer('peak.allocated', report.peak),
    integer('total.allocated', used),
    integer('startup.allocated', startup),
    integer('replication.backlog', 0),
    integer('clients.slaves', 0),
    integer('clients.normal', report.clients),
    integer('cluster.links', 0),
    integer('aof.buffer', 0),
    integer('lua.caches', 0),
    integer('functions.caches', report.libraries),
    ...report.databases.map((each) => [`db.${each.index}`, databaseFigures(each)] as const),
    integer('overhead.total', report.overhead),
    integer('keys.count', report.keyCount),
    integer('keys.bytes-per-key', report.keyCount === 0 ? 0 : Math.floor((used - startup) / report.keyCount)),
    integer('dataset.bytes', report.dataset),
    ['dataset.percentage', report.datasetPercent, 'ratio'],
    ['peak.percentage', report.peakPercent, 'ratio'],
    integer('allocator.allocated', allocated),
    integer('allocator.active', active),
    integer('allocator.resident', rss),
    ratio('allocator-fragmentation.ratio', active, allocated),
    integer('allocator-fragmentation.bytes', active - allocated),
    ratio('allocator-rss.ratio', rss, active),
    integer('allocator-rss.bytes', rss - active),
    ratio('rss-overhead.ratio', rss, rss),
    integer('rss-overhead.bytes', 0),
    ratio('fragmentation', rss, used),
    integer('fragmentation.bytes', rss - used),
  ];
}

function databaseFigures({ main, expires }: DatabaseOverhead): readonly MemoryFigure[] {
  return [
    integer('overhead.hashtable.main', main),
    integer('overhead.hashtable.expires', expires),
    integer('overhead.hashtable.slot-to-keys', 0),
  ];
}
