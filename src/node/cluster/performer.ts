/**
 * Does what the cluster core decided, one effect after the other, in the order the core gave them.
 *
 * A Save that must be durable is on disk before the next effect is looked at: a vote is never sent before it is kept.
 */
import { type ByteLink, FileError, type Host } from '../../base/host.js';
import type { LinkId } from '../../gossip/node-table.js';
import { encodePacket } from '../../gossip/packet-codec.js';
import type { Effect } from '../../gossip/turn.js';
import type { NodesFile } from './nodes-file.js';

/** What a decision of the cluster means for the rest of the node. */
export interface Consequences {
  roleChanged(primary: { id: string; ip: string; port: number } | null): void;
  slotsLost(slots: readonly number[]): void;
  keysOutdated(): void;
  writesPaused(untilMs: number): void;
  writesResumed(): void;
  /** The core is to hear at once what replication knows. */
  offsetWanted(): void;
  published(channel: Uint8Array, message: Uint8Array, sharded: boolean): void;
  /** A step is done: slots may have other owners, nodes other roles. */
  stepDone(): void;
  /** The cluster's memory cannot be kept: the node must not go on. */
  saveFailed(reason: string): void;
}

export interface Links {
  connect(id: LinkId, ip: string, busPort: number): void;
  close(id: LinkId): void;
  linkOf(id: LinkId): ByteLink | null;
}

export class Performer {
  constructor(
    private readonly host: Host,
    private readonly file: NodesFile,
    private readonly consequences: Consequences,
    private readonly links: Links,
  ) {}

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.performOne(effect);
    this.consequences.stepDone();
  }

  private performOne(effect: Effect): void {
    const { consequences, host, links } = this;
    switch (effect.kind) {
      case 'Save':
        return this.save(effect);
      case 'Send': {
        const bytes = encodePacket(effect.packet);
        for (const id of effect.links) links.linkOf(id)?.write(bytes);
        return;
      }
      case 'Connect':
        return links.connect(effect.link, effect.ip, effect.busPort);
      case 'CloseLink':
        return links.close(effect.link);
      case 'Log':
        return host.log.log(effect.level, effect.text);
      case 'RoleChanged':
        return consequences.roleChanged(effect.role === 'replica' ? effect.primary : null);
      case 'SlotsLost':
        return consequences.slotsLost(effect.slots);
      case 'KeysOutdated':
        return consequences.keysOutdated();
      case 'Answer':
      case 'Resync':
        return; // whoever gave the order, or was offered the sync, looks for it
      case 'StateChanged':
        return; // the redirector looks at the state for each command
      case 'WritesPaused':
        return consequences.writesPaused(effect.untilMs);
      case 'WritesResumed':
        return consequences.writesResumed();
      case 'OffsetWanted':
        return consequences.offsetWanted();
      case 'Published':
        return consequences.published(effect.channel, effect.message, effect.sharded);
    }
  }

  private save({ care, state }: Extract<Effect, { kind: 'Save' }>): void {
    const { file } = this;
    if (care === 'soon') return file.writeSoon(state);
    this.attempt(() => (care === 'durable' ? file.saveDurably(state) : file.write(state)));
  }

  /** What is saved, but not in place yet. */
  tick(): void {
    this.attempt(() => this.file.tick());
  }

  finish(): void {
    this.attempt(() => this.file.finish());
  }

  private attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      this.consequences.saveFailed(error.message);
    }
  }
}
