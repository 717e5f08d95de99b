/**
 * Rules 27 to 33 of the promises, and 5.4: what became of every acknowledged write.
 *
 *   a replica is promoted ──▶ look into its data: what is not there is lost now. May it be?
 *   a primary restarts    ──▶ what only it had is gone with its memory
 *   an outdated primary serves ──▶ what it takes is lost already, and only in the window of rule 22
 *   at the end            ──▶ everything acknowledged and not excused is there, and nothing else ever was
 */
import type { Effect, Event } from '../../gossip/turn.js';
import type { Node } from '../../node/node.js';
import { isIn, type Key, type Ledger, MORTAL_MS, whyInvented, type Write } from '../clients/ledger.js';
import { writeBehind } from '../clients/talk.js';
import type { Mover } from '../clients/mover.js';
import type { End } from '../world/end.js';
import type { Machine } from '../world/machine.js';
import type { Watcher, World } from '../world/world.js';
import { readDirectly } from './found.js';

/** The end of an excuse that a replica can take back. */
const FORGOTTEN = '(restarted)';

/** The core counts whole milliseconds: up to one has passed of which it does not know. */
const CLOCK_MS = 1;

/** How a node came to own the slots it serves. */
export type Rise = 'restarted' | 'elected' | 'plain' | 'forced' | 'takeover';

interface Source {
  readonly machine: string;
  readonly life: number;
  /** When its process began, where all of its data was made, or read from a file, since then; null where not. */
  readonly restartedAt: number | null;
}

export class DataWatch implements Watcher {
  private readonly ordered = new Map<Machine, 'plain' | 'forced'>();
  private readonly agreed = new Map<Machine, boolean>();
  private readonly risen = new Map<Machine, Rise>();
  /** What its data was worth before the present step. */
  private readonly worth = new Map<Machine, string>();
  /** Whether it stood for election, before the present step, because its primary came back empty. */
  private readonly rescues = new Map<Machine, boolean>();
  /** When it was primary last, in this life. */
  private readonly ledUntil = new Map<Machine, number>();
  /** The age of a machine's claim, and whether a majority gave it. */
  private readonly epochs = new Map<Machine, { epoch: number; byVotes: boolean }>();
  /** From whom a replica took all of its data, as that one was then. */
  private readonly copies = new Map<Machine, Source>();
  /** The machine that a replica copies, or copied last. */
  private readonly followed = new Map<Machine, string>();
  /** When a process last died or a role last changed: WAIT's answer may be about a world of before. */
  private unrestAt = 0;

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
    private readonly mover: Mover,
    private readonly nodeTimeoutMs: number,
  ) {}

  died(): void {
    this.unrestAt = this.world.clock.now;
  }

  booted(machine: Machine): void {
    this.unrestAt = this.world.clock.now;
    this.worth.delete(machine);
    this.rescues.delete(machine);
    this.ledUntil.delete(machine);
    this.ordered.delete(machine);
    this.agreed.delete(machine);
    this.risen.delete(machine);
    this.copies.delete(machine);
  }

  stepped(machine: Machine, event: Event, effects: readonly Effect[]): void {
    const facts = machine.node?.membership?.cluster.facts;
    if (facts === undefined) return;
    if (event.kind === 'Order' && event.order.name === 'FAILOVER' && event.order.how !== 'takeover')
      this.ordered.set(machine, event.order.how === 'agreed' ? 'plain' : 'forced');
    const isTaken = effects.some((effect) => effect.kind === 'Resync' && effect.verdict.may);
    if (isTaken) this.noteCopy(machine, facts.me.primaryId);
    this.noteEpoch(machine, facts.me.configEpoch, event, effects);
    for (const effect of effects) {
      if (effect.kind === 'RoleChanged' && effect.role === 'replica') this.stepDown(machine, effect.primary.id);
      if (effect.kind === 'RoleChanged') this.unrestAt = this.world.clock.now;
      if (effect.kind === 'RoleChanged' && effect.role === 'primary') this.rise(machine, this.causeOf(machine, event));
      if (effect.kind === 'StateChanged' && effect.state === 'ok' && facts.me.role === 'primary')
        if (!this.risen.has(machine)) this.rise(machine, 'restarted');
    }
    if (facts.me.role === 'replica') {
      if (this.risen.delete(machine)) this.ledUntil.set(machine, this.world.clock.now);
      this.followed.set(machine, this.world.machineOf(facts.me.primaryId ?? '')?.name ?? '');
    }
    this.agreed.set(machine, facts.manualFailover?.agreed ?? false);
    this.worth.set(machine, facts.data);
    this.rescues.set(machine, facts.rescue !== null);
  }

  private noteCopy(machine: Machine, primaryId: string | null): void {
    const primary = this.world.machineOf(primaryId ?? '');
    if (primary === null || primary.life === null) return;
    const { name, lives: life, node } = primary;
    const keepsAll = node?.config.appendonly === true && node.config.appendfsync === 'always';
    const restartedAt = keepsAll || this.copies.has(primary) ? null : primary.life.startedAt;
    this.copies.set(machine, { machine: name, life, restartedAt });
  }

  /**
   * It copied a primary that had been restarted after this write: that one had forgotten it. So had the heir of the
   * server, if it was restarted and has copied nobody since: no memory of the write is left in its data.
   */
  private isForgotten(machine: Machine, { served }: Write): boolean {
    const copy = this.copies.get(machine);
    if (copy === undefined || served === null) return false;
    if (served.machine === copy.machine) return served.life < copy.life;
    return copy.restartedAt !== null && served.atMs < copy.restartedAt;
  }

  /** A claim of which no majority knows: made by a move of slots, an order, or a collision of epochs. */
  private noteEpoch(machine: Machine, epoch: number, event: Event, effects: readonly Effect[]): void {
    const before = this.epochs.get(machine);
    const isPromoted = effects.some((effect) => effect.kind === 'RoleChanged' && effect.role === 'primary');
    if (before?.epoch === epoch) return;
    this.epochs.set(machine, { epoch, byVotes: isPromoted && event.kind !== 'Order' });
  }

  /** Who yields to a claim without votes loses what the other one has not: the price of such claims. */
  private stepDown(machine: Machine, winnerId: string): void {
    const winner = this.world.machineOf(winnerId);
    if (winner?.node === undefined || winner.node === null || this.epochs.get(winner)?.byVotes !== false) return;
    for (const key of this.ledger.keys) {
      const mine = key.writes.filter((write) => counts(write) && write.served?.machine === machine.name);
      if (mine.length === 0) continue;
      const found = readDirectly(winner.node, key.name);
      for (const write of mine)
        if (!isIn(found, write)) write.excuse = `${machine.name} yielded to ${winner.name}, which nobody had voted for`;
    }
  }

  private causeOf(machine: Machine, event: Event): Rise {
    if (event.kind === 'Order') return 'takeover';
    return this.agreed.get(machine) === true ? (this.ordered.get(machine) ?? 'forced') : 'elected';
  }

  served(machine: Machine, _node: Node, end: End, changes: number): void {
    const write = writeBehind(end);
    if (write === null || changes === 0) return;
    if (write.served !== null) return; // its key has been moved since
    write.served = { machine: machine.name, life: machine.lives, atMs: this.world.clock.now };
    const newer = this.newerOwner(machine, write.key.slot);
    if (newer === null) return;
    write.excuse = `${machine.name} took it, but ${newer.name} had its slot`;
    if (this.risen.get(newer) === 'plain')
      this.world.violate('30: a plain failover loses nothing', `${write.token ?? 'a removal'}: ${write.excuse}`);
  }

  private newerOwner(machine: Machine, slot: number): Machine | null {
    const own = machine.node?.membership?.cluster.facts;
    if (own === undefined || own.moves.importingFrom(slot) !== null) return null; // by ASK, on behalf of the owner
    const mine = own.me.configEpoch;
    const isNewer = (other: Machine): boolean => {
      const facts = other.node?.membership?.cluster.facts;
      if (other === machine || facts === undefined || facts.me.role !== 'primary') return false;
      return facts.slots.isMine(slot) && facts.me.configEpoch > mine;
    };
    return this.world.machines.find(isNewer) ?? null;
  }

  /** What clients see at any time, at a replica as well, is something that was written. */
  read(key: Key, found: string | null): void {
    const invented = whyInvented(found, key);
    if (invented !== null) this.world.violate('5.4: nothing is invented', `${key.name} was read: ${invented}`);
  }

  // ── who serves from now on, and with which data ───────────────────────────

  private rise(machine: Machine, cause: Rise): void {
    this.risen.set(machine, cause);
    if (cause === 'elected') this.judgeWinner(machine);
    const lost = this.missingAt(machine);
    if (lost.length > 0) this.world.story.note(`${machine.name} serves (${cause}) without ${lost.length} writes`);
    this.judge(machine, cause, lost);
    this.findAgain(machine);
    for (const write of lost) write.excuse = `lost when ${machine.name} rose (${cause})`;
  }

  /** 31. Who never had the data does not win over one that has it. 32. Nor does one whose data is too old. */
  private judgeWinner(machine: Machine): void {
    const { node } = machine;
    const facts = node?.membership?.cluster.facts;
    if (node === null || facts === undefined) return;
    const { replicaValidityFactor, replicaPingPeriodMs } = facts.options;
    const limitMs = replicaPingPeriodMs + this.nodeTimeoutMs * (replicaValidityFactor + 1);
    const ageMs = Math.min(node.replication.facts.ageMs, this.ageOfOwnData(machine));
    if (replicaValidityFactor > 0 && ageMs >= limitMs + CLOCK_MS)
      this.world.violate('32: old data does not win', `${machine.name} wins with data of ${Math.round(ageMs)} ms ago`);
    if (this.worth.get(machine) !== 'none') return;
    const better = this.world.running.find((other) => this.wasSyncedWith(other, machine));
    if (better !== undefined)
      this.world.violate('31: no data does not win', `${machine.name} wins without data, and ${better.name} has it`);
  }

  /** What a primary had itself is as old as its rule, but only where its heir, who has the rest, came back empty. */
  private ageOfOwnData(machine: Machine): number {
    const until = this.rescues.get(machine) === true ? this.ledUntil.get(machine) : undefined;
    return until === undefined ? Number.POSITIVE_INFINITY : this.world.clock.now - until;
  }

  private wasSyncedWith(other: Machine, winner: Machine): boolean {
    const facts = other.node?.membership?.cluster.facts;
    if (other === winner || facts?.me.role !== 'replica' || other.isPaused) return false;
    const slots = winner.node?.membership?.cluster.facts.slots;
    const shares = this.ledger.keys.some(
      (key) => slots?.isMine(key.slot) && facts.slots.ownerOf(key.slot) === facts.me.primaryId,
    );
    return shares && this.worth.get(other) === 'synced' && (other.node?.engine.size ?? 0) > 0;
  }

  /** 27. WAIT said that so many replicas have a write: they do. */
  waited(write: Write, count: number, askedAtMs: number): void {
    if (this.unrestAt >= askedAtMs || write.served === null) return;
    const { machine: server } = write.served;
    const replicas = this.world.running.filter(({ name }) => name !== server);
    const having = replicas.filter(
      ({ node }) => node !== null && isIn(readDirectly(node, write.key.name), write),
    ).length;
    const isSyncing = replicas.some(({ node }) => node?.isReplica && node.replication.upstream.stream === null);
    if (having < count && !isSyncing)
      this.world.violate(
        '27: WAIT tells the truth',
        `${write.key.name} ${write.token}: ${count} said, ${having} have it`,
      );
  }

  /** What a restarted primary has forgotten, its replica may still have: then it is not lost. */
  private findAgain(machine: Machine): void {
    const { node } = machine;
    if (node === null) return;
    for (const key of this.ledger.keys) {
      const gone = key.writes.filter(({ excuse }) => excuse?.endsWith(FORGOTTEN));
      if (gone.length === 0 || !node.membership?.cluster.facts.slots.isMine(key.slot)) continue;
      const found = readDirectly(node, key.name);
      for (const write of gone) if (isIn(found, write)) write.excuse = null;
    }
  }

  private missingAt(machine: Machine): Write[] {
    const { node } = machine;
    const slots = node?.membership?.cluster.facts.slots;
    if (node === null || slots === undefined) return [];
    const names = [machine.name, this.followed.get(machine) ?? ''];
    const isHere = (key: Key): boolean =>
      slots.isMine(key.slot) || key.writes.some(({ served }) => names.includes(served?.machine ?? '?'));
    return this.ledger.keys.filter(isHere).flatMap((key) => {
      const found = readDirectly(node, key.name);
      const missing = key.writes.filter((write) => counts(write) && !isIn(found, write));
      const owner = this.world.machineOf(slots.ownerOf(key.slot) ?? '');
      const isElsewhere = (write: Write): boolean => owner !== machine && this.isWith(owner, key, write);
      return missing.filter((write) => !isElsewhere(write) && !this.isOnItsWay(key, write, this.followed.get(machine)));
    });
  }

  /** The winner served this key once, but in another shard, whose primary has it. */
  private isWith(owner: Machine | null, { name }: Key, write: Write): boolean {
    const node = owner?.node ?? null;
    return node !== null && !node.isReplica && isIn(readDirectly(node, name), write);
  }

  /** Its slot is between two nodes: it may be with the other one, which is not the one that was replaced. */
  private isOnItsWay(key: Key, write: Write, replaced: string | undefined): boolean {
    if (!this.mover.moving.has(key.slot)) return false;
    const others = this.world.running.filter(({ name }) => name !== replaced);
    return others.some(({ node }) => node !== null && isIn(readDirectly(node, key.name), write));
  }

  private judge(machine: Machine, cause: Rise, lost: readonly Write[]): void {
    const atRest = lost.filter(({ key }) => !this.mover.moving.has(key.slot));
    if (atRest.length === 0) return;
    const name = (write: Write): string =>
      `${write.key.name} ${write.token ?? 'removed'}, served by ${write.served?.machine}`;
    const kept = atRest.find((write) => !this.isForgotten(machine, write));
    if (cause === 'plain' && kept !== undefined) this.world.violate('30: a plain failover loses nothing', name(kept));
    if (cause !== 'elected') return;
    const since = machine.life?.startedAt ?? 0;
    const promised = lost.find(
      (write) => write.isReplicated && (write.served?.atMs ?? 0) > since && !this.isForgotten(machine, write),
    );
    if (promised !== undefined) this.world.violate('28: no WAITed write is lost', name(promised));
    const late = this.keptBehind(machine, lost);
    if (late !== null)
      this.world.violate('29: what is lost is a suffix', `${name(late.lost)}, but ${name(late.kept)} is there`);
  }

  /** A write that the winner has, served by the same life as a lost one and after it. */
  private keptBehind(machine: Machine, lost: readonly Write[]): { lost: Write; kept: Write } | null {
    const { node } = machine;
    if (node === null) return null;
    for (const missing of lost) {
      const { served, key } = missing;
      if (served === null || key.kind === 'grave') continue;
      for (const other of this.ledger.keys) {
        if (other.kind === 'grave' || !node.membership?.cluster.facts.slots.isMine(other.slot)) continue;
        const found = readDirectly(node, other.name);
        const kept = other.writes.find(
          (write) => isLater(write, served.machine, served.life, served.atMs) && isIn(found, write),
        );
        if (kept !== undefined && kept.token !== null && found?.includes(kept.token)) return { lost: missing, kept };
      }
    }
    return null;
  }

  // ── at the end ────────────────────────────────────────────────────────────

  /** A clock that was set back keeps keys alive for longer: only that may move. */
  private get hasWrongClock(): boolean {
    return this.world.machines.some(({ wallErrorMs }) => Math.abs(wallErrorMs) > MORTAL_MS);
  }

  /** Every key, as its owner has it. */
  checkAll(): void {
    const map = this.world.running[0]?.node?.membership?.cluster.facts.slots;
    for (const key of this.ledger.keys) {
      const owner = this.world.machineOf(map?.ownerOf(key.slot) ?? '');
      if (owner?.node === null || owner === null) continue;
      const found = readDirectly(owner.node, key.name);
      if (key.kind === 'mortal' && found !== null && !this.hasWrongClock)
        this.world.violate('33: the expired stay dead', `${key.name} at ${owner.name} is still ${found}`);
      const invented = whyInvented(found, key);
      if (invented !== null)
        this.world.violate('5.4: nothing is invented', `${key.name} at ${owner.name}: ${invented}`);
      const lost = key.writes.find(
        (write) => write.state === 'acknowledged' && write.excuse === null && !isIn(found, write),
      );
      if (lost === undefined) continue;
      const where = `served by ${lost.served?.machine ?? 'nobody'} at ${Math.round(lost.served?.atMs ?? 0)} ms`;
      const what = `${key.name} (${key.kind}) ${lost.token ?? 'removal'}, ${where}, is not at ${owner.name}: ${found}`;
      this.world.violate('5.4: nothing acknowledged is lost', what);
    }
  }
}

/** Made at a node, and the client was told so, or may yet be. */
function counts(write: Write): boolean {
  return write.served !== null && write.excuse === null && write.state !== 'refused';
}

function isLater({ served }: Write, machine: string, life: number, atMs: number): boolean {
  return served !== null && served.machine === machine && served.life === life && served.atMs > atMs;
}
