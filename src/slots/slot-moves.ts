/**
 * Slots on their way: which of ours are migrating to another node, and which we are importing.
 *
 *    source: migrating slot 7 to B            target: importing slot 7 from A
 *    has the key: serve  ──────────────▶      asked with ASKING: serve
 *    has it not:  ASK B                       else: MOVED to A, which still owns the slot
 *
 * Each side knows only its own half; CLUSTER SETSLOT writes it, a change of owner ends it.
 */

import { SLOT_COUNT } from './slot-set.js';

export interface SlotMove<Owner> {
  slot: number;
  with: Owner;
}

export class SlotMoves<Owner = string> {
  private readonly targets = new Map<number, Owner>();
  private readonly sources = new Map<number, Owner>();
  private readonly moving = new Uint8Array(SLOT_COUNT);

  /** HOT: asked once a command. */
  isMoving(slot: number): boolean {
    return this.moving[slot] === 1;
  }

  get isEmpty(): boolean {
    return this.targets.size === 0 && this.sources.size === 0;
  }

  migratingTo(slot: number): Owner | null {
    return this.targets.get(slot) ?? null;
  }

  importingFrom(slot: number): Owner | null {
    return this.sources.get(slot) ?? null;
  }

  migrate(slot: number, to: Owner | null): void {
    set(this.targets, slot, to);
    this.note(slot);
  }

  import(slot: number, from: Owner | null): void {
    set(this.sources, slot, from);
    this.note(slot);
  }

  /** Neither migrating nor importing any more. */
  close(slot: number): void {
    this.targets.delete(slot);
    this.sources.delete(slot);
    this.note(slot);
  }

  closeAll(): void {
    this.targets.clear();
    this.sources.clear();
    this.moving.fill(0);
  }

  /** Ascending. */
  migrations(): SlotMove<Owner>[] {
    return sorted(this.targets);
  }

  imports(): SlotMove<Owner>[] {
    return sorted(this.sources);
  }

  /** Node ids change, and nodes are forgotten: then `to` is null. */
  rename(from: Owner, to: Owner | null): void {
    for (const { slot } of this.migrations().filter((move) => move.with === from)) this.migrate(slot, to);
    for (const { slot } of this.imports().filter((move) => move.with === from)) this.import(slot, to);
  }

  private note(slot: number): void {
    this.moving[slot] = this.targets.has(slot) || this.sources.has(slot) ? 1 : 0;
  }
}

function set<Owner>(moves: Map<number, Owner>, slot: number, owner: Owner | null): void {
  if (owner === null) moves.delete(slot);
  else moves.set(slot, owner);
}

function sorted<Owner>(moves: Map<number, Owner>): SlotMove<Owner>[] {
  return [...moves].map(([slot, owner]) => ({ slot, with: owner })).sort((a, b) => a.slot - b.slot);
}
