/**
 * A client of the cluster, as good as a good library: it remembers who has which slot, follows MOVED and ASK, tries
 * again when the cluster is down, and gives up on an answer that does not come.
 *
 *   think ──▶ draw a command ──▶ send to the owner ──▶ answer ──▶ think
 *                                    ▲   │ MOVED, ASK: there instead
 *                                    └───┘ CLUSTERDOWN, TRYAGAIN, LOADING …: a little later
 *   no answer in time, or the connection ends ──▶ nobody knows whether it was done: the key is left alone
 */
import { Random } from '../random.js';
import { type Reply, ReplyError } from '../../resp/reply-reader.js';
import type { End } from '../world/end.js';
import type { Party } from '../world/network.js';
import type { World } from '../world/world.js';
import { type Key, type KeyKind, type Ledger, MORTAL_MS, type Place, TAGS, type Write } from './ledger.js';
import { Talk } from './talk.js';

const THINK_MS = [10, 120] as const;
const RETRY_MS = [20, 150] as const;
const PATIENCE_MS = [400, 1500] as const;
const WAIT_MS = 300;
const KEYS = 12;
const MAX_TRIES = 40;
const KINDS: readonly KeyKind[] = ['register', 'register', 'list', 'list', 'grave', 'mortal'];

export interface ClientHopes {
  /** Replicas that WAIT is to wait for; 0: never. */
  readonly waitFor: number;
  /** How many replicas the node has that serves this slot: all of them, dead or alive. */
  readonly replicasOf: (machine: string) => number;
  /** WAIT has answered that so many have it. */
  readonly onWaited: (write: Write, count: number, askedAtMs: number) => void;
  /** A value was read, null where there was none. */
  readonly onRead: (key: Key, found: string | null) => void;
}

/** What is being asked: one request with all its tries. */
interface Errand {
  readonly words: readonly string[];
  readonly key: Key;
  /** null: it reads. */
  readonly write: Write | null;
  tries: number;
  /** Whom it was asked of, until it answers: null while nobody can be doing it. */
  asked: Talk | null;
}

export class SimClient implements Party {
  readonly address: string;
  readonly aheadMs = 0;
  readonly ends = new Set<End>();
  private readonly dice: Random;
  private readonly owners = new Map<number, string>(); // slot → host:port
  private readonly talks = new Map<string, Talk>();
  private readonly keys: Key[] = [];
  private keysMade = 0;
  private errand: Errand | null = null;
  private errands = 0;
  private isStopped = false;

  constructor(
    private readonly world: World,
    readonly name: string,
    index: number,
    private readonly ledger: Ledger,
    private readonly hopes: ClientHopes,
  ) {
    this.address = `10.0.9.${index + 1}`;
    this.dice = new Random(world.seed, 300 + index);
  }

  deliver(run: () => void): void {
    run();
  }

  start(): void {
    this.think();
  }

  /** Begins nothing new. */
  stop(): void {
    this.isStopped = true;
  }

  get isIdle(): boolean {
    return this.errand === null;
  }

  // ── what to do ────────────────────────────────────────────────────────────

  private think(): void {
    this.errand = null;
    if (this.isStopped) return;
    this.world.clock.after(this.dice.between(...THINK_MS), () => this.act());
  }

  private act(): void {
    if (this.isStopped || this.errand !== null) return;
    const key = this.dice.chance(0.2) ? this.anyKey() : null;
    if (key === null) return this.write(this.ownKey());
    this.begin(['GET', key.name], key, null, this.dice.chance(0.3) ? this.somebody() : null);
  }

  private anyKey(): Key | null {
    return this.ledger.keys.length === 0 ? null : this.dice.pick(this.ledger.keys);
  }

  private ownKey(): Key {
    const at = this.dice.below(KEYS);
    const key = this.keys[at];
    if (key !== undefined && !key.isRetired) return key;
    const name = `${this.name}:${this.dice.pick(TAGS)}:${++this.keysMade}`;
    const fresh = this.ledger.newKey(name, this.dice.pick(KINDS));
    this.keys[at] = fresh;
    return fresh;
  }

  private write(key: Key): void {
    const isRemoval = key.kind === 'grave' && key.writes.some(({ state }) => state === 'acknowledged');
    const write = this.ledger.begin(key, isRemoval, this.world.clock.now);
    if (isRemoval) key.isRetired = true;
    const { token } = write;
    if (token === null) this.begin(['DEL', key.name], key, write);
    else if (key.kind === 'list') this.begin(['APPEND', key.name, `;${token}`], key, write);
    else if (key.kind === 'mortal') this.begin(['SET', key.name, token, 'PX', String(MORTAL_MS)], key, write);
    else this.begin(['SET', key.name, token], key, write);
  }

  // ── one errand ────────────────────────────────────────────────────────────

  /** `reader`: whoever that is, it is told READONLY, and may answer if it is a replica of the owner. */
  private begin(words: readonly string[], key: Key, write: Write | null, reader: string | null = null): void {
    const errand: Errand = { words, key, write, tries: 0, asked: null };
    this.errand = errand;
    const number = ++this.errands;
    if (reader !== null) this.talkTo(reader).ask(['READONLY'], null, () => {});
    this.send(errand, reader ?? this.owners.get(key.slot) ?? this.somebody(), false);
    this.world.clock.after(this.dice.between(...PATIENCE_MS), () => {
      if (number === this.errands && this.errand === errand) this.giveUp(errand);
    });
  }

  private somebody(): string {
    const { address, port } = this.dice.pick(this.world.machines);
    return `${address}:${port}`;
  }

  private send(errand: Errand, place: string, isAsking: boolean): void {
    if (this.errand !== errand) return;
    if (++errand.tries > MAX_TRIES) return this.giveUp(errand);
    const talk = this.talkTo(place);
    errand.asked = talk;
    if (errand.write !== null) errand.write.isAsking = isAsking;
    if (isAsking) talk.ask(['ASKING'], null, () => {});
    talk.ask(errand.words, errand.write, (reply) => {
      if (this.errand === errand) this.heard(errand, talk, reply);
    });
  }

  private talkTo(place: string): Talk {
    const known = this.talks.get(place);
    if (known !== undefined && !known.isOver) return known;
    const colon = place.lastIndexOf(':');
    const talk: Talk = new Talk(this.world.network, this, place.slice(0, colon), Number(place.slice(colon + 1)), () =>
      this.lost(talk, place),
    );
    this.talks.set(place, talk);
    return talk;
  }

  private heard(errand: Errand, talk: Talk, reply: Reply): void {
    if (reply instanceof ReplyError) return this.refused(errand, reply);
    const { write, key } = errand;
    if (write === null) {
      this.hopes.onRead(key, reply === null ? null : String(reply));
      return this.think(); // it may have been a replica: who owns the slot is not known by that
    }
    this.owners.set(key.slot, `${talk.host}:${talk.port}`);
    write.state = 'acknowledged';
    write.served ??= this.placeOf(talk); // it waited at the node for the end of a pause
    if (this.hopes.waitFor > 0 && this.dice.chance(0.3)) return this.wait(errand, write, talk);
    this.think();
  }

  private placeOf(talk: Talk): Place | null {
    const machine = this.world.machines.find(({ address }) => address === talk.host);
    return machine === undefined ? null : { machine: machine.name, life: machine.lives, atMs: this.world.clock.now };
  }

  private wait(errand: Errand, write: Write, talk: Talk): void {
    const askedAtMs = this.world.clock.now;
    talk.ask(['WAIT', String(this.hopes.waitFor), String(WAIT_MS)], null, (reply) => {
      if (this.errand !== errand) return;
      const all = write.served === null ? 0 : this.hopes.replicasOf(write.served.machine);
      if (typeof reply === 'number') this.hopes.onWaited(write, reply, askedAtMs);
      if (typeof reply === 'number' && all > 0 && reply >= all) write.isReplicated = true;
      this.think();
    });
  }

  /** It was certainly not done: another try cannot do it twice. */
  private refused(errand: Errand, error: ReplyError): void {
    const [, , place = ''] = error.text.split(' ');
    errand.asked = null;
    if (error.code === 'MOVED') {
      this.owners.set(errand.key.slot, place);
      return this.send(errand, place, false);
    }
    if (error.code === 'ASK') return this.send(errand, place, true);
    this.world.clock.after(this.dice.between(...RETRY_MS), () => {
      this.owners.delete(errand.key.slot);
      this.send(errand, this.somebody(), false);
    });
  }

  /** The connection ended while an answer was due, or in peace. */
  private lost(talk: Talk, place: string): void {
    if (this.talks.get(place) === talk) this.talks.delete(place);
    if (this.errand?.asked === talk) this.giveUp(this.errand);
  }

  private giveUp(errand: Errand): void {
    const { write } = errand;
    if (write !== null && write.state === 'open') {
      write.state = errand.asked === null ? 'refused' : 'unknown';
      if (write.state === 'unknown') write.key.isRetired = true;
    }
    this.owners.delete(errand.key.slot);
    for (const talk of this.talks.values()) talk.close();
    this.talks.clear();
    this.think();
  }
}
