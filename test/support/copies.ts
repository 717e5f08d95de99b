/**
 * Nodes that copy each other in a little world: who follows whom, what INFO says of it, and whether they hold the same.
 */
import { expect } from 'vitest';
import { type LittleNode, LittleWorld } from './little-world.js';

const CONF = ['cluster-enabled no', 'repl-diskless-sync-delay 0', 'enable-debug-command yes'];

/** The ways of a full sync, with what asks for each. */
export const FULL_SYNCS: readonly (readonly [string, readonly string[]])[] = [
  ['as it comes', []],
  ['by way of a file', ['repl-diskless-sync no']],
  ['straight into the keys', ['repl-diskless-load on-empty-db']],
  ['into spare databases', ['repl-diskless-load swapdb']],
];

/** Nodes that are no cluster, and copy nobody yet. */
export function loners(count: number, ...conf: readonly string[]): LittleWorld {
  return new LittleWorld(count, 1, ...CONF, ...conf);
}

export function follow(replica: LittleNode, primary: LittleNode): void {
  expect(replica.run('REPLICAOF', '127.0.0.1', String(primary.port))).toBe('+OK\r\n');
}

/** The first is the primary and has a key, the others copy it. */
export function family(count: number, ...conf: readonly string[]): { all: LittleWorld; nodes: LittleNode[] } {
  const all = loners(count, ...conf);
  const [primary, ...replicas] = all.nodes as [LittleNode, ...LittleNode[]];
  primary.run('SET', 'k', 'v');
  for (const replica of replicas) {
    follow(replica, primary);
    all.pass(50);
  }
  for (const replica of replicas) expectSame(primary, replica);
  return { all, nodes: all.nodes };
}

/** The same of two. */
export function pair(...conf: readonly string[]): { all: LittleWorld; primary: LittleNode; replica: LittleNode } {
  const { all, nodes } = family(2, ...conf);
  const [primary, replica] = nodes as [LittleNode, LittleNode];
  return { all, primary, replica };
}

/** The link that is opened to it next is full from the moment it is a replica's, until what is returned is called. */
export function fillNextLink(primary: LittleNode): () => void {
  let isFull = true;
  const accept = primary.node.accept.bind(primary.node);
  primary.node.accept = (link) => {
    primary.node.accept = accept;
    const client = accept(link);
    const queuedBytes = (): number => (isFull && client?.feed?.isReplica === true ? 2 ** 20 : 0);
    Object.assign(link, { queuedBytes });
    return client;
  };
  return () => void (isFull = false);
}

export function expectSame(a: LittleNode, b: LittleNode): void {
  expect(b.run('DEBUG', 'DIGEST')).toBe(a.run('DEBUG', 'DIGEST'));
  expect(field(b, 'master_repl_offset')).toBe(field(a, 'master_repl_offset'));
}

/** A figure of INFO, '' where there is none. */
export function field(node: LittleNode, name: string): string {
  const line = node
    .text('INFO', 'everything')
    .split('\r\n')
    .find((each) => each.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? '';
}
