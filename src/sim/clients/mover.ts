/**
 * An operator who moves slots while everybody works, with the commands that redis-cli gives for it.
 *
 *   to: SETSLOT IMPORTING ─▶ from: SETSLOT MIGRATING ─▶ from: GETKEYSINSLOT, MIGRATE … until none is left ─▶ both: NODE
 *
 * Whatever does not answer or refuses leaves a slot half moved; clients live with that. When all is well again `finish`
 * begins such a move anew, from whoever owns the slot then.
 *
 * As redis-cli does, MIGRATE is told to replace a key only when both values have been looked at. If they differ,
 * redis-cli stops and asks for a person; here that one knows the book of all writes, and keeps the newer value. A slot
 * that is half moved goes where it was going, whatever is asked meanwhile: redis-cli would not touch it.
 */
import { type Reply, ReplyError } from '../../resp/reply-reader.js';
import type { End } from '../world/end.js';
import type { Machine } from '../world/machine.js';
import { readDirectly } from '../rules/found.js';
import type { Party } from '../world/network.js';
import type { World } from '../world/world.js';
import { isIn, type Key, type Ledger, newestIn } from './ledger.js';
import { Talk } from './talk.js';

interface Move {
  readonly slot: number;
  /** Whose slot it was when the move began: an heir of that one does not know that it is half moved. */
  source: Machine;
  from: Machine;
  to: Machine;
  refusals: number;
  keys: number;
}

const PATIENCE_MS = 3000;
const MIGRATE_TIMEOUT_MS = 1000;
const BATCH = 5;
const MAX_REFUSALS = 4;
const RETRY_MS = 200;

export class Mover implements Party {
  readonly name = 'operator';
  readonly address = '10.0.8.1';
  readonly aheadMs = 0;
  readonly ends = new Set<End>();
  /** Slots that are between two nodes, or were left there. */
  readonly moving = new Map<number, Move>();
  private readonly queue: Move[] = [];
  private present: Move | null = null;

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
  ) {}

  deliver(run: () => void): void {
    run();
  }

  get isIdle(): boolean {
    return this.present === null && this.queue.length === 0;
  }

  move(slots: readonly number[], from: Machine, to: Machine): void {
    for (const slot of slots) this.queue.push({ slot, source: from, from, to, refusals: 0, keys: 0 });
    if (this.present === null) this.next();
  }

  /** What was left half moved is begun anew, between those who own and lead now. */
  finish(): void {
    for (const move of this.moving.values()) this.queue.push({ ...move, refusals: 0 });
    if (this.present === null) this.next();
  }

  private next(): void {
    const move = this.queue.shift() ?? null;
    this.present = move;
    if (move === null) return;
    const owner = this.world.running.find((machine) => owns(machine, move.slot));
    const half = this.moving.get(move.slot);
    move.from = owner ?? this.leaderOf(move.from);
    move.to = this.leaderOf(half?.to ?? move.to);
    move.source = half?.source ?? move.from;
    if (move.from === move.to) return this.done(move);
    this.moving.set(move.slot, move);
    this.order(move, move.to, ['SETSLOT', String(move.slot), 'IMPORTING', idOf(move.from)], () =>
      this.order(move, move.from, ['SETSLOT', String(move.slot), 'MIGRATING', idOf(move.to)], () =>
        this.moveKeys(move),
      ),
    );
  }

  /** Who leads this machine's shard now: itself, or whom it follows. */
  private leaderOf(machine: Machine): Machine {
    const me = machine.node?.membership?.cluster.facts.me;
    return me?.role === 'replica' ? (this.world.machineOf(me.primaryId ?? '') ?? machine) : machine;
  }

  // ── one move ──────────────────────────────────────────────────────────────

  private moveKeys(move: Move): void {
    this.ask(move.from, ['CLUSTER', 'GETKEYSINSLOT', String(move.slot), String(BATCH)], (reply) => {
      if (!Array.isArray(reply)) return this.refused(move);
      const keys = reply.map(String);
      if (keys.length === 0) return this.handOver(move);
      this.migrate(move, keys);
    });
  }

  private migrate(move: Move, keys: readonly string[], ...how: readonly 'REPLACE'[]): void {
    const { address, port } = move.to;
    const words = ['MIGRATE', address, String(port), '', '0', String(MIGRATE_TIMEOUT_MS), ...how, 'KEYS', ...keys];
    this.ask(move.from, words, (answer) => {
      if (answer instanceof ReplyError && answer.text.includes('BUSYKEY')) return this.compare(move, keys);
      if (!isOk(answer)) return this.refused(move);
      this.noteMoved(keys, move.to);
      move.keys += keys.length;
      this.moveKeys(move);
    });
  }

  /** Both have some of these. Nothing else is put over a value until somebody has said which of the two is newer. */
  private compare(move: Move, keys: readonly string[]): void {
    const verdicts = new Map(keys.map((name) => [name, this.newerOf(move, name)]));
    if ([...verdicts.values()].includes('unknown')) return this.refused(move);
    for (const name of keys) this.noteDiscarded(move, name, verdicts.get(name) === 'target');
    const outdated = keys.filter((name) => verdicts.get(name) === 'target');
    for (const name of outdated) if (move.from.command('DEL', name) === null) return this.refused(move);
    this.noteMoved(outdated, move.to);
    const others = keys.filter((name) => verdicts.get(name) === 'source');
    if (others.length === 0) return this.moveKeys(move);
    this.migrate(move, others, 'REPLACE');
  }

  /** `source` also where there is no choice: nothing at one of the two, or the same. */
  private newerOf(move: Move, name: string): 'source' | 'target' | 'unknown' {
    if (move.from.node === null || move.to.node === null) return 'unknown';
    const both = this.valuesOf(move, name);
    if (both === null || both.mine === both.theirs) return 'source';
    const { key, mine, theirs } = both;
    if (key === undefined) return 'unknown';
    return newestIn(theirs, key) > newestIn(mine, key) ? 'target' : 'source';
  }

  /** The heir of the source took the slot for whole: what only the value that is given up has, nobody can keep. */
  private noteDiscarded(move: Move, name: string, keepsTarget: boolean): void {
    const { from, to, source } = move;
    const both = from === source ? null : this.valuesOf(move, name);
    if (both?.key === undefined) return;
    const [kept, gone] = keepsTarget ? [both.theirs, both.mine] : [both.mine, both.theirs];
    for (const write of both.key.writes)
      if (isIn(gone, write) && !isIn(kept, write)) write.excuse ??= `${from.name} did not know of ${to.name}'s value`;
  }

  /** What both have under a name; null where one of them has nothing. */
  private valuesOf({ from, to }: Move, name: string): { key: Key | undefined; mine: string; theirs: string } | null {
    if (from.node === null || to.node === null) return null;
    const [mine, theirs] = [readDirectly(from.node, name), readDirectly(to.node, name)];
    if (mine === null || theirs === null) return null;
    return { key: this.ledger.keys.find((known) => known.name === name), mine, theirs };
  }

  private handOver(move: Move): void {
    const words = ['SETSLOT', String(move.slot), 'NODE', idOf(move.to)];
    this.order(move, move.to, words, () =>
      this.order(move, move.from, words, () => {
        this.world.story.note(
          `slot ${move.slot} has moved from ${move.from.name} to ${move.to.name} with ${move.keys} keys`,
        );
        this.noteForgotten(move);
        this.done(move);
      }),
    );
  }

  /** Moved away from a primary that had restarted without data: what its replicas still have is nobody's now. */
  private noteForgotten({ slot, from, to }: Move): void {
    for (const key of this.ledger.keys) {
      if (key.slot !== slot || to.node === null) continue;
      const found = readDirectly(to.node, key.name);
      for (const write of key.writes) {
        const isOlder = write.served !== null && write.served.atMs < (from.life?.startedAt ?? 0);
        if (isOlder && !isIn(found, write)) write.excuse ??= `its slot left ${from.name}, which had forgotten it`;
      }
    }
  }

  private done(move: Move): void {
    this.moving.delete(move.slot);
    this.next();
  }

  /** From now on they are in the hands of the new node. */
  private noteMoved(keys: readonly string[], to: Machine): void {
    const place = { machine: to.name, life: to.lives, atMs: this.world.clock.now };
    for (const key of this.ledger.keys) {
      if (!keys.includes(key.name)) continue;
      for (const write of key.writes) {
        if (write.served !== null) write.served = place;
        write.isReplicated = false;
      }
    }
  }

  private order(move: Move, machine: Machine, words: readonly string[], then: () => void): void {
    this.ask(machine, ['CLUSTER', ...words], (reply) => (isOk(reply) ? then() : this.refused(move)));
  }

  /** Tried again some times from the start, then left as it is. */
  private refused(move: Move): void {
    if (this.present !== move) return;
    this.world.story.note(`the move of slot ${move.slot} from ${move.from.name} to ${move.to.name} does not get on`);
    this.present = null;
    if (++move.refusals < MAX_REFUSALS) this.queue.push(move);
    this.world.clock.after(RETRY_MS, () => {
      if (this.present === null) this.next();
    });
  }

  /** null: no answer in time. */
  private ask(machine: Machine, words: readonly string[], onReply: (reply: Reply) => void): void {
    let isAnswered = false;
    const answer = (reply: Reply): void => {
      if (isAnswered) return;
      isAnswered = true;
      talk.close();
      onReply(reply);
    };
    const talk: Talk = new Talk(this.world.network, this, machine.address, machine.port, () => answer(null));
    talk.ask(words, null, answer);
    this.world.clock.after(PATIENCE_MS, () => answer(null));
  }
}

function isOk(reply: Reply): boolean {
  return Buffer.isBuffer(reply) && ['OK', 'NOKEY'].includes(reply.toString());
}

function owns(machine: Machine, slot: number): boolean {
  const facts = machine.node?.membership?.cluster.facts;
  return facts !== undefined && facts.me.role === 'primary' && facts.slots.isMine(slot);
}

function idOf(machine: Machine): string {
  return machine.node?.membership?.cluster.myId ?? '';
}
