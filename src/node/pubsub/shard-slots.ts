/**
 * The slots of the shard channels that somebody listens to, and whose they were when the listening began.
 *
 *   slot 866 ──▶ { news, {news}:local }, owned by our shard
 *
 * When such a slot goes to another owner its listeners are told to go (SUNSUBSCRIBE). As in 7.0.15 that is so within a
 * shard too: at a failover all of it listens anew, at whoever serves the slot then.
 */
import { keySlot } from '../../slots/key-slot.js';

/** The cluster, as far as it matters here. Owners are named by their id. */
export interface ShardView {
  ownerOf(slot: number): string | null;
  /** The primary of the shard that this node belongs to. */
  readonly shardPrimaryId: string;
}

interface Listened {
  readonly channels: Set<string>;
  owner: string | null;
  /** Whether the owner was of our shard. */
  isOurs: boolean;
}

export class ShardSlots {
  private readonly bySlot = new Map<number, Listened>();

  get isEmpty(): boolean {
    return this.bySlot.size === 0;
  }

  /** The first to listen to a channel came. */
  add(channel: string, view: ShardView): void {
    const slot = slotOf(channel);
    let listened = this.bySlot.get(slot);
    if (listened === undefined) {
      const owner = view.ownerOf(slot);
      listened = { channels: new Set(), owner, isOurs: owner === view.shardPrimaryId };
      this.bySlot.set(slot, listened);
    }
    listened.channels.add(channel);
  }

  /** The last one left. */
  remove(channel: string): void {
    const slot = slotOf(channel);
    const channels = this.bySlot.get(slot)?.channels;
    channels?.delete(channel);
    if (channels?.size === 0) this.bySlot.delete(slot);
  }

  /** Channels whose slot was ours and has another owner now, or whose shard is ours no longer. */
  lost(view: ShardView): string[] {
    const lost: string[] = [];
    for (const [slot, listened] of this.bySlot) {
      const owner = view.ownerOf(slot);
      const isOurs = owner === view.shardPrimaryId;
      if (listened.isOurs && !(isOurs && owner === listened.owner)) lost.push(...listened.channels);
      listened.owner = owner; // where an import began the slot may become ours yet
      listened.isOurs = isOurs;
    }
    return lost;
  }
}

function slotOf(channel: string): number {
  const bytes = Buffer.from(channel, 'latin1');
  return keySlot(bytes, 0, bytes.length);
}
