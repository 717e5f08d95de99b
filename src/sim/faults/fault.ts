/**
 * What the world does to its machines, as data: a run's faults are drawn before it begins, can be shown, and can be
 * left out one by one until only those remain that a failure needs (`shrink.ts`).
 *
 * Every fault has an end. After the last one the world is whole again, and what is broken then stays a finding.
 */

export type Fault = { readonly atMs: number } & (
  | { readonly kind: 'cut'; readonly forMs: number; readonly from: readonly string[]; readonly to: readonly string[] }
  | {
      readonly kind: 'split';
      readonly forMs: number;
      readonly here: readonly string[];
      readonly there: readonly string[];
    }
  | {
      readonly kind: 'delay';
      readonly forMs: number;
      readonly from: string;
      readonly to: string;
      readonly maxMs: number;
    }
  | { readonly kind: 'skew'; readonly forMs: number; readonly a: string; readonly b: string; readonly maxMs: number }
  | { readonly kind: 'reset'; readonly a: string; readonly b: string }
  | { readonly kind: 'kill'; readonly machine: string; readonly downMs: number }
  | { readonly kind: 'power'; readonly machine: string; readonly downMs: number }
  | { readonly kind: 'crash'; readonly machine: string; readonly steps: number; readonly power: boolean }
  | { readonly kind: 'pause'; readonly forMs: number; readonly machine: string }
  | { readonly kind: 'clock'; readonly machine: string; readonly byMs: number }
  | { readonly kind: 'full'; readonly forMs: number; readonly machine: string; readonly room: number }
  | { readonly kind: 'slow-sync'; readonly forMs: number; readonly machine: string; readonly syncMs: number }
  | { readonly kind: 'mass'; readonly machines: readonly string[]; readonly downMs: number }
  | { readonly kind: 'reshard'; readonly from: string; readonly to: string; readonly slots: readonly number[] }
  | { readonly kind: 'bump'; readonly machine: string }
  | { readonly kind: 'failover'; readonly machine: string; readonly how: 'PLAIN' | 'FORCE' | 'TAKEOVER' }
);

export type FaultKind = Fault['kind'];

export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'cut':
      return `nothing of ${fault.from.join(' ')} reaches ${fault.to.join(' ')}, for ${seconds(fault.forMs)}`;
    case 'split':
      return `the network is cut for ${seconds(fault.forMs)}: ${fault.here.join(' ')} | ${fault.there.join(' ')}`;
    case 'delay':
      return `${fault.from} → ${fault.to} takes up to ${fault.maxMs} ms, for ${seconds(fault.forMs)}`;
    case 'skew':
      return `links between ${fault.a} and ${fault.b} overtake each other, for ${seconds(fault.forMs)}`;
    case 'reset':
      return `the connections between ${fault.a} and ${fault.b} break`;
    case 'kill':
      return `${fault.machine} is killed, for ${seconds(fault.downMs)}`;
    case 'power':
      return `${fault.machine} loses its power, for ${seconds(fault.downMs)}`;
    case 'crash':
      return `${fault.machine} crashes at I/O step ${fault.steps} from now${fault.power ? ', without power' : ''}`;
    case 'pause':
      return `${fault.machine} stands still for ${seconds(fault.forMs)}`;
    case 'clock':
      return `the clock of ${fault.machine} jumps by ${fault.byMs} ms`;
    case 'full':
      return `the disk of ${fault.machine} has room for ${fault.room} bytes, for ${seconds(fault.forMs)}`;
    case 'slow-sync':
      return `a sync of ${fault.machine} takes ${fault.syncMs} ms, for ${seconds(fault.forMs)}`;
    case 'mass':
      return `${fault.machines.join(' ')} are killed together, for ${seconds(fault.downMs)}`;
    case 'reshard':
      return `${fault.slots.length} slots move from ${fault.from} to ${fault.to}`;
    case 'bump':
      return `CLUSTER BUMPEPOCH at ${fault.machine}`;
    case 'failover':
      return `CLUSTER FAILOVER${fault.how === 'PLAIN' ? '' : ` ${fault.how}`} at ${fault.machine}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
