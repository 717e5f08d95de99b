/**
 * Who owns which slot.
 *
 * It is kept in three forms, because it is asked in three ways: by slot for redirections, by owner for heartbeats and
 * tables, and as one byte a slot for the only question of every command, `isMine`. `assign` is the only writer of all
 * three, so they cannot disagree.
 *
 *    assign(7, b)     owners  │a│a│a│a│a│a│a│b│…    one owner a slot, or null
 *                     holdings  a → 01111111… 7     bitmap and count
 *                     mine    │1│1│1│1│1│1│1│0│…    if I am a
 *
 * An owner is whatever names a node, compared by identity: the gossip core has node ids here.
 */

import { clearSlot, emptyBitmap, rangesIn, SLOT_COUNT, type SlotRange, setSlot, slotsIn } from './slot-set.js';

interface Holding {
  readonly bitmap: Uint8Array;
  count: number;
}

const NO_SLOTS: Uint8Array = emptyBitmap();

export class SlotMap<Owner = string> {
  private readonly owners = new Array<Owner | null>(SLOT_COUNT).fill(null);
  private readonly holdings = new Map<Owner, Holding>();
  private readonly mine = new Uint8Array(SLOT_COUNT);
  private assigned = 0;
  private changes = 0;

  constructor(private me: Owner) {}

  /** Grows with every change of an owner: who keeps something derived from the map compares this number. */
  get version(): number {
    return this.changes;
  }

  get assignedCount(): number {
    return this.assigned;
  }

  /** Everybody who owns at least one slot. */
  get holders(): Owner[] {
    return [...this.holdings.keys()];
  }

  /** HOT: asked once a command. */
  isMine(slot: number): boolean {
    return this.mine[slot] === 1;
  }

  ownerOf(slot: number): Owner | null {
    return this.owners[slot] ?? null;
  }

  countOf(owner: Owner): number {
    return this.holdings.get(owner)?.count ?? 0;
  }

  /** The slots of an owner: a view of the map itself, to be read before the next change, or copied. */
  bitmapOf(owner: Owner): Uint8Array {
    return this.holdings.get(owner)?.bitmap ?? NO_SLOTS;
  }

  /** Ascending; a copy, so that the slots may change hands meanwhile. */
  slotsOf(owner: Owner): number[] {
    return [...slotsIn(this.bitmapOf(owner))];
  }

  rangesOf(owner: Owner): SlotRange[] {
    return rangesIn(this.bitmapOf(owner));
  }

  assign(slot: number, owner: Owner | null): void {
    if (!(slot >= 0 && slot < SLOT_COUNT)) throw new Error(`there is no slot ${slot}`);
    const before = this.ownerOf(slot);
    if (before === owner) return;
    if (before !== null) this.take(slot, before);
    if (owner !== null) this.give(slot, owner);
    this.owners[slot] = owner;
    this.mine[slot] = owner === this.me ? 1 : 0;
    this.changes++;
  }

  assignRange(from: number, to: number, owner: Owner | null): void {
    for (let slot = from; slot <= to; slot++) this.assign(slot, owner);
  }

  /** Everything of one owner to another, or to nobody. */
  moveAll(from: Owner, to: Owner | null): void {
    for (const slot of this.slotsOf(from)) this.assign(slot, to);
  }

  /** Node ids change: after a handshake, and of ourselves at a hard reset. */
  rename(from: Owner, to: Owner): void {
    this.moveAll(from, to);
    if (from === this.me) this.becomeOwner(to);
  }

  private becomeOwner(me: Owner): void {
    this.me = me;
    this.mine.fill(0);
    for (const slot of slotsIn(this.bitmapOf(me))) this.mine[slot] = 1;
  }

  private take(slot: number, owner: Owner): void {
    const holding = this.holdings.get(owner)!;
    clearSlot(holding.bitmap, slot);
    if (--holding.count === 0) this.holdings.delete(owner);
    this.assigned--;
  }

  private give(slot: number, owner: Owner): void {
    let holding = this.holdings.get(owner);
    if (!holding) this.holdings.set(owner, (holding = { bitmap: emptyBitmap(), count: 0 }));
    setSlot(holding.bitmap, slot);
    holding.count++;
    this.assigned++;
  }
}
