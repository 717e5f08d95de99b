/**
 * Rules 34 and 35 of the promises: what a process finds in its files when it is started again.
 *
 *   a primary dies ──▶ is started ──▶ its files are read      35: they can be, whatever step the crash came in
 *                                          └─▶ 34: with appendfsync always everything is there that a client was told
 *                                                  of; with everysec all but the last two seconds of it
 *
 * A process that stood still could not sync, and a slow disk gives it that much more time: then everysec may lose more.
 */
import type { Event } from '../../gossip/turn.js';
import { isIn, type Ledger, type Write } from '../clients/ledger.js';
import type { Life } from '../world/life.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';
import { readDirectly } from './found.js';

const EVERYSEC_MS = 2000;
const SLACK_MS = 200;
/** Longer than a sync can take: whatever it held up is over by then. */
const SLOW_FOR_MS = 6000;

/** What is known of the end of a primary that kept an append-only file. */
interface End {
  readonly life: number;
  readonly fsync: string;
  readonly atMs: number;
  /** Its disk was slow, or it stood still. */
  readonly wasHeldUp: boolean;
}

export class FilesKeep implements Watcher {
  private readonly ends = new Map<Machine, End>();
  private readonly loaded = new Set<Life>();
  private readonly slowAt = new Map<Machine, number>();

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
  ) {}

  ran(machine: Machine): void {
    if (machine.disk.syncMs > 0) this.slowAt.set(machine, this.world.clock.now);
  }

  died(machine: Machine, life: Life, reason: string): void {
    if (reason.startsWith('exit') && !this.loaded.has(life) && machine.disk.room === null)
      this.world.violate('35: what is left can be loaded', `${machine.name} does not start: ${reason}`);
    const { node } = life;
    const isPrimary = node?.membership?.cluster.facts.me.role === 'primary';
    if (!this.loaded.has(life)) return; // what its forerunner left is still to be judged
    this.ends.delete(machine);
    if (node === null || !isPrimary || !node.config.appendonly) return;
    const now = this.world.clock.now;
    const slowAt = this.slowAt.get(machine) ?? Number.NEGATIVE_INFINITY;
    const wasHeldUp = now - slowAt < SLOW_FOR_MS || machine.hasStalledWithin(EVERYSEC_MS) || machine.disk.room !== null;
    this.ends.set(machine, { life: life.number, fsync: node.config.appendfsync, atMs: now, wasHeldUp });
  }

  stepped(machine: Machine, event: Event): void {
    if (event.kind !== 'Loaded' || machine.life === null) return;
    this.loaded.add(machine.life);
    const end = this.ends.get(machine);
    if (end !== undefined) this.judge(machine, end);
  }

  private judge(machine: Machine, end: End): void {
    const { node } = machine;
    if (node === null) return;
    for (const key of this.ledger.keys) {
      const mine = key.writes.filter((write) => isOf(write, machine, end));
      if (mine.length === 0) continue;
      const found = readDirectly(node, key.name);
      const lost = mine.find((write) => !isIn(found, write));
      if (lost !== undefined) this.judgeLoss(machine, end, lost);
    }
  }

  private judgeLoss(machine: Machine, end: End, { key, token, served }: Write): void {
    const ageMs = Math.round(end.atMs - (served?.atMs ?? 0));
    const what = `${machine.name} lost ${key.name} ${token ?? 'removed'}, ${ageMs} ms old when it died`;
    if (end.fsync === 'always') this.world.violate('34: always means always', what);
    if (end.fsync === 'everysec' && !end.wasHeldUp && ageMs > EVERYSEC_MS + SLACK_MS)
      this.world.violate('34: everysec loses two seconds at most', what);
  }
}

function isOf({ state, excuse, served }: Write, machine: Machine, end: End): boolean {
  return state === 'acknowledged' && excuse === null && served?.machine === machine.name && served.life === end.life;
}
