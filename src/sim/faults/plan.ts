/**
 * Draws the faults of a run from its seed: first which kinds this run is about, then a handful of each.
 *
 * Not every run gets everything: a world in which all goes wrong at once hides what a single fault can do.
 */
import { SLOT_COUNT } from '../../slots/slot-set.js';
import type { Random } from '../random.js';
import { TAG_SLOTS } from '../clients/ledger.js';
import type { Fault, FaultKind } from './fault.js';

export interface Ground {
  readonly machines: readonly string[];
  /** Those that own slots in the beginning. */
  readonly primaries: readonly string[];
  /** Clients and others that can be cut off too. */
  readonly others: readonly string[];
  readonly chaosMs: number;
  readonly nodeTimeoutMs: number;
  /** All have an append-only file. */
  readonly keepsLog: boolean;
}

/** Faults that only tell something together are drawn together. */
type Drawn = FaultKind | 'swizzle' | 'chorus' | 'duel' | 'late-heir' | 'old-data' | 'blink';

/** How likely a run is to have faults of a kind at all, and how many it has then at most. */
// biome-ignore format: a table
const KINDS: readonly (readonly [Drawn, number, number])[] = [
  ['split',     0.45, 3],
  ['cut',       0.35, 3],
  ['swizzle',   0.15, 1],
  ['delay',     0.35, 4],
  ['skew',      0.25, 3],
  ['reset',     0.35, 6],
  ['kill',      0.45, 3],
  ['power',     0.25, 2],
  ['crash',     0.35, 3],
  ['pause',     0.35, 3],
  ['clock',     0.20, 3],
  ['full',      0.15, 1],
  ['slow-sync', 0.25, 2],
  ['failover',  0.30, 3],
  ['mass',      0.20, 1],
  ['reshard',   0.35, 2],
  ['bump',      0.10, 2],
  ['chorus',    0.15, 1],
  ['duel',      0.15, 1],
  ['late-heir', 0.10, 1],
  ['old-data',  0.15, 1],
  ['blink',     0.20, 2],
];

const LIKELY = 0.8;

/** With several replicas of a primary it is about which is the freshest; where a log is kept, about its end. */
function isCalledFor(kind: Drawn, ground: Ground): boolean {
  if (kind === 'power') return ground.keepsLog;
  return kind === 'old-data' && replicasOf(ground).length > ground.primaries.length;
}

export function drawFaults(dice: Random, ground: Ground): Fault[] {
  const faults: Fault[] = [];
  for (const [kind, probability, most] of KINDS) {
    if (!dice.chance(isCalledFor(kind, ground) ? LIKELY : probability)) continue;
    const count = 1 + dice.below(most);
    for (let i = 0; i < count; i++) faults.push(...drawOne(kind, dice, ground));
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawOne(kind: Drawn, dice: Random, ground: Ground): Fault[] {
  const { machines, chaosMs, nodeTimeoutMs } = ground;
  const atMs = whole(dice.between(0, chaosMs * 0.8));
  const left = chaosMs - atMs;
  const span = (most: number) => whole(Math.min(left, dice.between(100, most)));
  const machine = dice.pick(machines);
  const [a = '', b = ''] = dice.shuffle(machines);
  switch (kind) {
    case 'split': {
      const all = dice.shuffle([...machines, ...ground.others]);
      const at = 1 + dice.below(all.length - 1);
      return [{ kind, atMs, forMs: span(nodeTimeoutMs * 8), here: all.slice(0, at), there: all.slice(at) }];
    }
    case 'cut': {
      const [from, to] = dice.chance(0.5) ? [[a], machines] : [machines, [a]];
      return [{ kind, atMs, forMs: span(nodeTimeoutMs * 6), from, to: dice.chance(0.5) ? to : [b] }];
    }
    case 'swizzle':
      return swizzle(dice, ground, atMs);
    case 'delay':
      return [{ kind, atMs, forMs: span(8000), from: a, to: b, maxMs: whole(dice.between(20, nodeTimeoutMs)) }];
    case 'skew':
      return [{ kind, atMs, forMs: span(15_000), a, b, maxMs: whole(dice.between(50, nodeTimeoutMs)) }];
    case 'reset':
      return [{ kind, atMs, a, b }];
    case 'kill':
    case 'power':
      return [{ kind, atMs, machine, downMs: span(dice.chance(0.5) ? 1500 : nodeTimeoutMs * 6) }];
    case 'crash':
      return [{ kind, atMs, machine, steps: 1 + dice.below(9), power: dice.chance(0.4) }];
    case 'pause':
      return [{ kind, atMs, machine, forMs: span(nodeTimeoutMs * (dice.chance(0.7) ? 2 : 10)) }];
    case 'clock':
      return [{ kind, atMs, machine, byMs: whole(dice.between(-1, 1) * (dice.chance(0.5) ? 3_600_000 : 2000)) }];
    case 'full':
      return [{ kind, atMs, machine, forMs: span(4000), room: dice.chance(0.5) ? 0 : dice.below(2000) }];
    case 'slow-sync':
      return [
        { kind, atMs, machine, forMs: span(8000), syncMs: whole(dice.between(5, dice.chance(0.7) ? 200 : 3000)) },
      ];
    case 'bump':
      return [{ kind, atMs, machine }];
    case 'mass': {
      const dying = dice.shuffle(ground.primaries).slice(0, Math.max(2, ground.primaries.length >> 1));
      return [{ kind, atMs, machines: dying, downMs: span(dice.chance(0.3) ? 1500 : nodeTimeoutMs * 8) }];
    }
    case 'reshard': {
      const [from = '', to = ''] = dice.shuffle(ground.primaries);
      const share = Math.floor(SLOT_COUNT / ground.primaries.length);
      const owned = TAG_SLOTS.filter((slot) => Math.floor(slot / share) === ground.primaries.indexOf(from));
      return [{ kind, atMs, from, to, slots: dice.shuffle(owned).slice(0, 1 + dice.below(8)) }];
    }
    case 'failover':
      return [{ kind, atMs, machine, how: dice.pick(['PLAIN', 'PLAIN', 'FORCE', 'TAKEOVER'] as const) }];
    case 'chorus':
      return chorus(dice, ground, atMs);
    case 'duel':
      return duel(dice, ground, atMs);
    case 'late-heir':
      return lateHeir(dice, ground, atMs);
    case 'old-data':
      return oldData(dice, ground, atMs);
    case 'blink':
      return [{ kind: 'kill', atMs, machine: dice.pick(ground.primaries), downMs: whole(dice.between(100, 400)) }];
  }
}

/** Several are given the same order at the same moment: none of them knows of the others' new epoch. */
function chorus(dice: Random, { machines }: Ground, atMs: number): Fault[] {
  const singers = dice.shuffle(machines).slice(0, 2 + dice.below(machines.length - 1));
  const how = dice.pick(['BUMP', 'BUMP', 'TAKEOVER', 'FORCE', 'PLAIN'] as const);
  return singers.map(
    (machine): Fault => (how === 'BUMP' ? { kind: 'bump', atMs, machine } : failover(machine, how, atMs)),
  );
}

/** Two replicas stand for election without hearing of each other, and the same voters are asked in one epoch. */
function duel(dice: Random, ground: Ground, atMs: number): Fault[] {
  const [a = '', b = ''] = dice.shuffle(replicasOf(ground));
  const orders = [a, b].map((machine) => failover(machine, 'FORCE', atMs + 100));
  return [{ kind: 'split', atMs, forMs: 2000, here: [a], there: [b] }, ...orders];
}

/** A replica does not hear that its primary's claim is a newer one now, and then there is nobody left to tell it. */
function lateHeir(dice: Random, ground: Ground, atMs: number): Fault[] {
  const [primary, heir] = aPair(dice, ground);
  const there = ground.machines.filter((name) => name !== heir);
  return [
    { kind: 'split', atMs, forMs: 600, here: [heir], there },
    { kind: 'bump', atMs: atMs + 50, machine: primary },
    { kind: 'kill', atMs: atMs + 450, machine: primary, downMs: ground.nodeTimeoutMs * 8 },
  ];
}

/** A replica is cut off from its primary alone, for long, before that dies: others have more, or nobody has enough. */
function oldData(dice: Random, ground: Ground, atMs: number): Fault[] {
  const [primary, heir] = aPair(dice, ground);
  const forMs = whole(dice.between(1000, ground.nodeTimeoutMs * 8));
  const downMs = ground.nodeTimeoutMs * 8;
  return [
    { kind: 'split', atMs, forMs: forMs + downMs, here: [heir], there: [primary] },
    { kind: 'kill', atMs: atMs + forMs, machine: primary, downMs },
  ];
}

function failover(machine: string, how: 'PLAIN' | 'FORCE' | 'TAKEOVER', atMs: number): Fault {
  return { kind: 'failover', atMs, machine, how };
}

/** As it was in the beginning. */
function replicasOf({ machines, primaries }: Ground): readonly string[] {
  return machines.slice(primaries.length);
}

/** A primary and one of its replicas, as in the beginning; in a world that has changed, two machines. */
function aPair(dice: Random, ground: Ground): [primary: string, replica: string] {
  const replicas = replicasOf(ground);
  const at = dice.below(replicas.length);
  return [ground.primaries[at % ground.primaries.length] ?? '', replicas[at] ?? ''];
}

/** One after the other is cut off, and they come back in another order. */
function swizzle(dice: Random, { machines, chaosMs }: Ground, startMs: number): Fault[] {
  const chosen = dice.shuffle(machines).slice(0, 2 + dice.below(machines.length - 1));
  const endMs = whole(Math.min(chaosMs, startMs + dice.between(2000, 12_000)));
  return chosen.map((machine): Fault => {
    const atMs = whole(dice.between(startMs, endMs));
    const forMs = whole(dice.between(0, endMs - atMs));
    return { kind: 'split', atMs, forMs, here: [machine], there: machines.filter((other) => other !== machine) };
  });
}

function whole(ms: number): number {
  return Math.round(ms);
}
