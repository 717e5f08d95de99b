/** A machine of the mini world: a core, its disk, its data, and where its links lead. */

import type { Cluster } from '../../../src/gossip/cluster.js';
import type { ClusterOptions } from '../../../src/gossip/cluster-state.js';
import type { LinkId, Millis, SavedCluster } from '../../../src/gossip/node-table.js';
import { PacketSplitter } from '../../../src/gossip/packet-splitter.js';
import type { Copy } from './copy.js';

/** One direction of a TCP connection. */
export interface Pipe {
  to: Machine;
  link: LinkId; // as the receiver names it
  splitter: PacketSplitter;
  freeAt: Millis; // nothing overtakes on one link
  open: boolean;
  other: Pipe;
}

export interface Machine {
  port: number;
  cluster: Cluster;
  options: ClusterOptions;
  disk: SavedCluster | null;
  copy: Copy;
  up: boolean;
  plugged: boolean;
  stopped: boolean; // SIGSTOP: the kernel takes what comes, the process sees it later
  tickedAt: Millis;
  waiting: (() => void)[]; // what came meanwhile
  pipes: Map<LinkId, Pipe>; // where a link of this machine leads to
  accepted: number;
}

export function newPipe(to: Machine, link: LinkId): Pipe {
  const pipe: Omit<Pipe, 'other'> = { to, link, splitter: new PacketSplitter(), freeAt: 0, open: true };
  return Object.assign(pipe, { other: pipe as Pipe });
}

/** Ids that show their port, in brackets. */
export function readable(text: string): string {
  return text.replace(/\b(\d{4})\1{9}\b/g, '‹$1›');
}
