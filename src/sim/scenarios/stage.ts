/**
 * A world that is played by a script: the cluster is formed before the story begins, then each line is a deed.
 *
 *   const stage = new Stage({ seed: 1, primaries: 3, replicasEach: 1 });
 *   stage.say('A primary dies.');
 *   stage.world.machine('7001').kill('kill -9');
 *   stage.until('7004 serves', () => stage.owner('foo') === '7004', 5000);
 *
 * The rules of `rules/` watch here as well: a story in which one is broken ends with that.
 */
import { Ledger } from '../clients/ledger.js';
import { Mover } from '../clients/mover.js';
import { Performer } from '../faults/perform.js';
import { CONF, NODE_TIMEOUT_MS } from '../setting.js';
import { watchRules } from '../rules/all.js';
import { addMachines, agree, formCluster, type Shape } from '../world/formation.js';
import type { ClusterState } from '../../gossip/cluster-state.js';
import { decodePacket, encodePacket } from '../../gossip/packet-codec.js';
import type { Fault } from '../faults/fault.js';
import type { Machine } from '../world/machine.js';
import { World } from '../world/world.js';

export interface Setting {
  readonly seed: number;
  readonly primaries: number;
  readonly replicasEach: number;
  readonly conf?: readonly string[];
}

const FIRST_PORT = 7001;
const MAX_REDIRECTIONS = 5;

/** What heartbeats of 7.2 carry and those of 7.0 do not, by number. */
export const EXTENSION_OF_7_2 = { forgottenNode: 2, shardId: 3 } as const;

export class Stage {
  readonly world: World;
  readonly machines: readonly Machine[];
  readonly faults: Performer;
  readonly mover: Mover;

  constructor(setting: Setting) {
    const world = new World(setting.seed);
    this.world = world;
    const ledger = new Ledger();
    this.mover = new Mover(world, ledger);
    watchRules(world, ledger, this.mover, { nodeTimeoutMs: NODE_TIMEOUT_MS });
    const shape: Shape = {
      primaries: setting.primaries,
      replicasEach: setting.replicasEach,
      firstPort: FIRST_PORT,
      conf: [...CONF, ...(setting.conf ?? [])],
    };
    this.machines = addMachines(world, shape);
    if (!formCluster(world, this.machines, shape)) throw new Error('the cluster does not form');
    world.pass(3000);
    this.faults = new Performer(world);
    world.story.isTold = true;
  }

  /** A sentence of the storyteller. */
  say(text: string): void {
    this.world.story.lines.push('', `          ${text}`);
  }

  pass(ms: number): void {
    this.world.pass(ms);
  }

  /** Waits for it, and fails if it does not come in time. */
  until(what: string, condition: () => boolean, limitMs: number): void {
    if (!this.world.passUntil(condition, limitMs)) this.world.violate('a story goes its way', what);
  }

  /** What must hold now. */
  must(what: string, holds: boolean): void {
    if (!holds) this.world.violate('a story goes its way', what);
  }

  /** Things go wrong from now on. */
  fault(...faults: readonly Fault[]): void {
    this.faults.schedule(faults);
  }

  /** From now on the heartbeats of these have one more extension, made of the sender's id. */
  speakLater(names: readonly string[], extensionOf: (senderId: string) => { type: number; bytes: Uint8Array }): void {
    this.world.network.translate = ({ party }, bytes) => {
      const decoded = decodePacket(bytes);
      if (!names.includes(party.name) || !decoded.ok || !('extensions' in decoded.packet.body)) return bytes;
      const { packet } = decoded;
      decoded.packet.body.extensions.push({ kind: 'unknown', ...extensionOf(packet.sender.senderId) });
      return encodePacket(packet);
    };
  }

  // ── what many scenarios do, and wait for ────────────────────────────────

  /** Killed, and started again after so long. */
  kill(machine: string, downMs: number): void {
    this.fault({ kind: 'kill', atMs: 0, machine, downMs });
  }

  /** Nothing passes between these machines and all others, or those that are named. */
  cutOff(here: readonly string[], forMs: number, there = this.others(here)): void {
    this.fault({ kind: 'split', atMs: 0, forMs, here, there });
  }

  private others(here: readonly string[]): string[] {
    return this.machines.map(({ name }) => name).filter((name) => !here.includes(name));
  }

  /** It is primary, and the cluster works as it, or the node that is asked next, sees it. */
  serves(name: string, limitMs: number, witness = name): void {
    this.until(`${name} serves`, () => this.isPrimary(name) && this.isOk(witness), limitMs);
  }

  /** It runs, as a replica. */
  follows(name: string, limitMs: number): void {
    this.until(`${name} follows`, () => this.world.machine(name).isRunning && !this.isPrimary(name), limitMs);
  }

  /** A client finds a value that has this in it. */
  holds(key: string, part: string): void {
    this.must(`${key} has ${part}`, this.client('7002', 'GET', key).includes(part));
  }

  /** What each running node makes of something is the same, and this. */
  allSay(what: string, expected: string, view: (facts: Readonly<ClusterState>) => string): void {
    for (const { name, node } of this.world.running) {
      const facts = node?.membership?.cluster.facts;
      const said = facts === undefined ? 'nothing' : view(facts);
      this.must(`${what}: ${name} says ${said} instead of ${expected}`, said === expected);
    }
  }

  facts(name: string): Readonly<ClusterState> {
    const facts = this.world.machine(name).node?.membership?.cluster.facts;
    if (facts === undefined) throw new Error(`${name} does not run`);
    return facts;
  }

  allAgree(limitMs: number): void {
    this.until('all agree', () => agree(this.world.running), limitMs);
  }

  /** An order or a request at one machine, with its answer, as a line of the story. */
  at(name: string, ...words: readonly string[]): string {
    const answer = this.ask(name, [words]);
    this.world.story.note(`${words.join(' ')} at ${name}: ${answer}`);
    return answer;
  }

  private ask(name: string, requests: readonly (readonly string[])[]): string {
    const reply = this.world.machine(name).commands(...requests);
    return reply === null ? 'no answer' : reply.toString('latin1').trim().replaceAll('\r\n', ' ');
  }

  /** As a client that follows redirections. */
  client(first: string, ...words: readonly string[]): string {
    let place = first;
    let requests = [words];
    for (let i = 0; i < MAX_REDIRECTIONS; i++) {
      const answer = this.ask(place, requests);
      this.world.story.note(`a client says ${words.join(' ')} to ${place}: ${answer}`);
      const isAsk = answer.startsWith('-ASK ');
      if (!isAsk && !answer.startsWith('-MOVED ')) return answer;
      requests = isAsk ? [['ASKING'], words] : [words];
      place = answer.slice(answer.lastIndexOf(':') + 1);
    }
    return 'redirected for ever';
  }

  id(name: string): string {
    return this.world.machine(name).node?.membership?.cluster.myId ?? '';
  }

  isPrimary(name: string): boolean {
    return this.world.machine(name).node?.membership?.cluster.role === 'primary';
  }

  isOk(name: string): boolean {
    return this.world.machine(name).node?.membership?.cluster.health.state === 'ok';
  }
}
