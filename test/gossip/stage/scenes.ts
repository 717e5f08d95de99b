/** Scenes that stories and seed runs begin with, and what "they agree" means. */

import { expect } from 'vitest';
import type { OrderAnswer } from '../../../src/gossip/operator/order.js';
import { tries } from '../../support/tries.js';
import { idOf } from './lone-node.js';
import { World, type WorldOptions } from './mini-world.js';

export const PRIMARIES = [7001, 7002, 7003];
export const REPLICAS = [7004, 7005, 7006]; // each of the primary three below it
export const SIX = [...PRIMARIES, ...REPLICAS];
export const NODE_TIMEOUT = 2000;

/** A few with every check; `SEEDS=1000 npx vitest run test/gossip` for an evening. */
export const SEEDS = Array.from({ length: Number(process.env.SEEDS ?? tries(6)) }, (_, seed) => seed);

/** A sixth of them, for scenes that each take long. */
export const FEW_SEEDS = SEEDS.slice(0, Math.ceil(SEEDS.length / 6));

const SHARES = [
  { port: 7001, from: 0, to: 5460 },
  { port: 7002, from: 5461, to: 10922 },
  { port: 7003, from: 10923, to: 16383 },
];

export function slotsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

/** Three primaries, each with one replica, as redis-cli makes them. */
export function sixNodes(seed: number, options: Partial<WorldOptions> = {}): World {
  const world = new World(seed, { nodeTimeoutMs: NODE_TIMEOUT, ...options });
  for (const port of SIX) world.addNode(port);
  giveShares(world);
  numberEpochs(world, SIX);
  meetInAChain(world, SIX);
  expect(
    world.runUntil(() => SIX.every((port) => knows(world, port, 6)), 5000),
    'all know all',
  ).toBe(true);
  for (const port of REPLICAS) follow(world, port, port - 3);
  expect(
    world.runUntil(() => agree(world, SIX), 10_000),
    'all agree',
  ).toBe(true);
  world.story.length = 0;
  return world;
}

/** 7001 has two replicas: 7004, and 7005, which leaves 7002 for it. */
export function twoReplicas(seed: number): World {
  const world = sixNodes(seed);
  follow(world, 7005, 7001);
  world.run(1000);
  return world;
}

export function giveShares(world: World): void {
  for (const { port, from, to } of SHARES) accept(world.order(port, { name: 'ADDSLOTS', slots: slotsFrom(from, to) }));
}

/** As redis-cli does: so that nobody collides. */
export function numberEpochs(world: World, ports: number[]): void {
  for (const [i, port] of ports.entries()) accept(world.order(port, { name: 'SET-CONFIG-EPOCH', epoch: i + 1 }));
}

export function follow(world: World, port: number, primary: number): void {
  accept(world.order(port, { name: 'REPLICATE', nodeId: idOf(primary), holdsKeys: false }));
}

export function meetInAChain(world: World, ports: number[]): void {
  for (let i = 1; i < ports.length; i++) world.meet(ports[i - 1]!, ports[i]!);
}

export function accept(answer: OrderAnswer): void {
  expect(answer.ok ? 'accepted' : answer.refusal.why).toBe('accepted');
}

/** Knows so many nodes by their true names. */
export function knows(world: World, port: number, count: number): boolean {
  return world.view(port).nodes.filter((node) => !node.inHandshake).length === count;
}

/** All are well, and all tell the same of slots, roles and epochs. */
export function agree(world: World, ports: number[]): boolean {
  if (!ports.every((port) => isOk(world, port))) return false;
  const pictures = ports.map((port) => picture(world, port));
  return pictures.every((text) => text === pictures[0]);
}

export function isOk(world: World, port: number): boolean {
  return world.cluster(port).health.state === 'ok';
}

/** One node's view of all, without what is its own business. */
export function picture(world: World, port: number): string {
  const lines = world.view(port).nodes.map(({ id, role, primaryId, configEpoch, slots, health }) => {
    const ranges = slots.map(({ from, to }) => `${from}-${to}`).join(' ');
    return `${id.slice(0, 4)} ${role} ${primaryId?.slice(0, 4) ?? '-'} ${configEpoch} ${health} ${ranges}`.trim();
  });
  return lines.sort().join('\n');
}

export function healthOf(world: World, observer: number, about: number): string {
  return world.view(observer).nodes.find((node) => node.id === idOf(about))?.health ?? 'unknown';
}

export function storyOf(world: World): string {
  return `${world.story.join('\n')}\n`;
}

/** Three primaries and nobody to replace them. */
export function threePrimaries(seed: number, options: Partial<WorldOptions> = {}): World {
  const world = new World(seed, { nodeTimeoutMs: NODE_TIMEOUT, ...options });
  for (const port of PRIMARIES) world.addNode(port);
  giveShares(world);
  numberEpochs(world, PRIMARIES);
  meetInAChain(world, PRIMARIES);
  expect(
    world.runUntil(() => agree(world, PRIMARIES), 10_000),
    'all agree',
  ).toBe(true);
  world.story.length = 0;
  return world;
}
