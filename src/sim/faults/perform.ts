/**
 * Does to a world what a fault says, when it says so, and undoes it at its end.
 *
 * It also stands for whoever looks after the machines: a process that has died, of whatever, is started again.
 */
import type { Disk } from '../world/disk.js';
import type { Life } from '../world/life.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';
import { describeFault, type Fault } from './fault.js';

const RESTART_MS = 700;

export class Performer implements Watcher {
  /** How long a machine stays down that dies next, where a fault says so. */
  private readonly downMs = new Map<Machine, number>();
  /** Those that are not started again. */
  private readonly gone = new Set<Machine>();
  private isHealing = false;
  /** Moves slots, for who can. */
  onReshard: (slots: readonly number[], from: string, to: string) => void = () => {};

  constructor(private readonly world: World) {
    world.watchers.push(this);
  }

  schedule(faults: readonly Fault[]): void {
    for (const fault of faults)
      this.world.clock.at(this.world.clock.now + fault.atMs, () => {
        if (this.isHealing) return;
        this.world.story.note(describeFault(fault));
        this.perform(fault);
      });
  }

  /** From now on nothing goes wrong any more; what is down comes up. */
  heal(): void {
    this.isHealing = true;
    for (const machine of this.world.machines) {
      machine.disk.crashIn = null;
      if (machine.isPaused) machine.resume();
      if (machine.life === null) this.bootIn(machine, 0);
    }
  }

  /** Killed, all at once, and for good. */
  bury(machines: readonly Machine[]): void {
    for (const machine of machines) this.gone.add(machine);
    for (const machine of machines) machine.kill('kill -9');
  }

  died(machine: Machine, _life: Life, _reason: string): void {
    if (this.gone.has(machine)) return;
    const downMs = this.isHealing ? RESTART_MS : (this.downMs.get(machine) ?? RESTART_MS);
    this.downMs.delete(machine);
    this.bootIn(machine, downMs);
  }

  private bootIn(machine: Machine, ms: number): void {
    this.world.clock.after(ms, () => {
      if (machine.life !== null) return;
      this.world.story.note(`${machine.name} is started`);
      machine.boot();
    });
  }

  private perform(fault: Fault): void {
    const { network } = this.world;
    switch (fault.kind) {
      case 'cut':
        return this.cut(fault.from, fault.to, fault.forMs);
      case 'split':
        this.cut(fault.here, fault.there, fault.forMs);
        return this.cut(fault.there, fault.here, fault.forMs);
      case 'delay':
        network.delay(fault.from, fault.to, fault.maxMs);
        return this.later(fault.forMs, () => network.delay(fault.from, fault.to, 0));
      case 'skew':
        network.skew(fault.a, fault.b, fault.maxMs);
        return this.later(fault.forMs, () => network.skew(fault.a, fault.b, 0));
      case 'reset': {
        const { life } = this.world.machine(fault.a);
        return life === null ? undefined : network.reset(life, fault.b);
      }
      case 'mass':
        for (const name of fault.machines) this.kill(this.world.machine(name), fault.downMs);
        return;
      case 'reshard':
        return this.onReshard(fault.slots, fault.from, fault.to);
      default:
        return this.performOn(this.world.machine(fault.machine), fault);
    }
  }

  private performOn(machine: Machine, fault: Extract<Fault, { machine: string }>): void {
    switch (fault.kind) {
      case 'kill':
        return this.kill(machine, fault.downMs);
      case 'power':
        this.downMs.set(machine, fault.downMs);
        return machine.losePower();
      case 'crash':
        machine.disk.crashIn = fault.steps;
        machine.crashTakesPower = fault.power;
        return;
      case 'pause':
        return machine.pause(fault.forMs);
      case 'clock':
        machine.wallErrorMs += fault.byMs;
        return;
      case 'full':
        this.fill(machine.disk, fault.room);
        return this.later(fault.forMs, () => this.fill(machine.disk, null));
      case 'slow-sync':
        machine.disk.syncMs = fault.syncMs;
        return this.later(fault.forMs, () => void (machine.disk.syncMs = 0));
      case 'bump':
        machine.command('CLUSTER', 'BUMPEPOCH');
        return;
      case 'failover':
        machine.command('CLUSTER', 'FAILOVER', ...(fault.how === 'PLAIN' ? [] : [fault.how]));
        return;
    }
  }

  /** Where some bytes have room, the log gets a short write first; null: all of it is free again. */
  private fill(disk: Disk, room: number | null): void {
    disk.isFull = room === 0;
    disk.room = room;
  }

  private kill(machine: Machine, downMs: number): void {
    this.downMs.set(machine, downMs);
    machine.kill('kill -9');
  }

  private cut(from: readonly string[], to: readonly string[], forMs: number): void {
    const { network } = this.world;
    const ways = from.flatMap((a) => to.filter((b) => b !== a).map((b) => [a, b] as const));
    for (const [a, b] of ways) network.cut(a, b);
    this.later(forMs, () => {
      for (const [a, b] of ways) network.heal(a, b);
    });
  }

  private later(ms: number, run: () => void): void {
    this.world.clock.after(ms, run);
  }
}
