/**
 * A machine of the world: its disk, its clock's error, and the node process that runs on it, or ran, or will run.
 *
 *   event ──give──▶ paused, or busy with a slow disk? ──yes──▶ held, in order, until it can
 *                        │ no
 *                        ▼
 *                     run it, end the turn, let the world look
 *
 * kill leaves the page cache, losePower does not. A pause (SIGSTOP) keeps everything; the kernel goes on accepting.
 */
import { Random } from '../random.js';
import { busPortOf } from '../../node/cluster/membership.js';
import { parseCommandLine } from '../../node/config/command-line.js';
import { pagesWorld } from '../../node/config/world.js';
import { Node } from '../../node/node.js';
import { Disk } from './disk.js';
import { Guest } from './guest.js';
import type { End } from './end.js';
import type { Acceptor, Site } from './network.js';
import { Halt, Life } from './life.js';
import type { World } from './world.js';

const CONFIG_PATH = '/redis.conf';

export class Machine implements Site {
  readonly name: string;
  readonly disk: Disk;
  life: Life | null = null;
  isPowered = true;
  /** A crash at an I/O step is that of the whole machine. */
  crashTakesPower = false;
  /** Added to the wall clock: what an administrator or a bad time server did. */
  wallErrorMs: number;
  lives = 0;
  /** Which one it belongs to, where there are several. */
  cluster = 'ours';
  private busyUntil = 0;
  private isExecuting = false;
  private readonly held: (() => void)[] = [];
  private isWakeSet = false;
  /** The end of the last time that it stood still. */
  private stalledUntil = Number.NEGATIVE_INFINITY;

  constructor(
    readonly world: World,
    readonly index: number,
    readonly port: number,
    private readonly conf: readonly string[],
    /** Another machine may have had it before. */
    readonly address: string,
  ) {
    this.name = String(port);
    const dice = new Random(world.seed, 500 + index);
    this.disk = new Disk(dice);
    this.wallErrorMs = Math.floor(dice.between(-100, 100));
  }

  get node(): Node | null {
    return this.life?.node ?? null;
  }

  get isRunning(): boolean {
    return this.life !== null && this.life.haltedBy === null;
  }

  get isPaused(): boolean {
    return this.world.clock.now < this.busyUntil;
  }

  // ── life and death ────────────────────────────────────────────────────────

  boot(): void {
    if (this.life !== null) throw new Error(`${this.name} runs already`);
    this.isPowered = true;
    const life = new Life(this, ++this.lives);
    this.life = life;
    this.give(life, () => this.start(life));
  }

  private start(life: Life): void {
    const conf = [`port ${this.port}`, 'cluster-enabled yes', 'protected-mode no', 'save ""', ...this.conf];
    const file = Buffer.from(conf.join('\n'));
    const line = parseCommandLine(
      [CONFIG_PATH],
      pagesWorld((path) => (path === CONFIG_PATH ? file : null)),
    );
    if (!line.ok || !line.run) throw new Error(`the configuration is wrong: ${line.ok ? line.print : line.stderr}`);
    const node = new Node(life, line.config);
    life.node = node;
    node.fatal = (reason) => life.halt(reason);
    node.server.machine = {
      block: (ms) => void (life.aheadMs += ms),
      tidy: () => {},
      crash: (what) => life.halt(what),
      exit: (code) => life.halt(`exit ${code}`),
    };
    const refusal = node.join();
    if (refusal !== null) throw new Error(`the node does not start: ${refusal.join(' ')}`);
    this.world.onBoot(this, node);
    node.start();
  }

  /** kill -9, or a crash: the page cache stays, the kernel closes the connections. */
  kill(reason: string): void {
    const { life } = this;
    if (life === null) return;
    this.end(life, reason);
    life.dropEnds(true);
  }

  /** Nobody is told, and what was not synced is at the mercy of the disk. */
  losePower(): void {
    const { life } = this;
    this.isPowered = false;
    this.disk.losePower();
    if (life === null) return;
    this.end(life, 'the power failed');
    life.dropEnds(false);
  }

  private crash(reason: string): void {
    if (!this.crashTakesPower) return this.kill(reason);
    this.crashTakesPower = false;
    this.losePower();
  }

  private end(life: Life, reason: string): void {
    life.haltedBy ??= reason;
    this.life = null;
    this.held.length = 0;
    this.busyUntil = 0;
    this.world.onDeath(this, life, reason);
  }

  // ── time ──────────────────────────────────────────────────────────────────

  /** Nothing runs here for so long; everything is still there afterwards. */
  pause(ms: number): void {
    this.standStill(ms);
    this.setWake();
  }

  resume(): void {
    this.busyUntil = this.stalledUntil = this.world.clock.now;
    this.setWake();
  }

  private standStill(ms: number): void {
    this.busyUntil = Math.max(this.busyUntil, this.world.clock.now + ms);
    this.stalledUntil = this.busyUntil;
  }

  /** An event that another one causes here, as a link that is closed, is the next one and not a part of it. */
  give(life: Life, run: () => void): void {
    if (life !== this.life) return;
    if (this.held.length === 0 && !this.isPaused && !this.isExecuting) return this.execute(life, run);
    this.held.push(run);
    this.setWake();
  }

  /** Whether this machine stood still at some time within so many ms. */
  hasStalledWithin(ms: number): boolean {
    return this.world.clock.now - this.stalledUntil <= ms;
  }

  private setWake(): void {
    if (this.isWakeSet) return;
    this.isWakeSet = true;
    this.world.clock.at(this.busyUntil, () => {
      this.isWakeSet = false;
      this.wake();
    });
  }

  private wake(): void {
    while (this.held.length > 0 && this.life !== null && !this.isPaused)
      this.execute(this.life, this.held.shift() as () => void);
    if (this.held.length > 0) this.setWake();
  }

  private execute(life: Life, run: () => void): void {
    life.aheadMs = 0;
    this.isExecuting = true;
    try {
      run();
      life.finishTurn();
    } catch (error) {
      if (!(error instanceof Halt)) this.world.onException(this, error);
      life.haltedBy ??= String(error);
    }
    this.isExecuting = false;
    if (life.haltedBy !== null) return this.crash(life.haltedBy);
    if (life.aheadMs > 0) this.standStill(life.aheadMs);
    life.aheadMs = 0;
    this.world.onEvent(this, life);
  }

  // ── Site ──────────────────────────────────────────────────────────────────

  get party(): Life | null {
    return this.life;
  }

  acceptorAt(port: number): Acceptor | null {
    const node = this.node;
    if (node === null) return null;
    const { membership } = node;
    if (port === busPortOf(node.config)) return membership === null ? null : (end) => membership.accept(end);
    return port === node.config.port ? (end: End) => Guest.enter(end, this, node) : null;
  }

  /** A command given at the machine's own console, answered at once. null: nobody is there to answer. */
  command(...words: readonly string[]): Buffer | null {
    return this.commands(words);
  }

  /** Several, one after the other: the answer to the last one. */
  commands(...requests: readonly (readonly string[])[]): Buffer | null {
    const { life, node } = this;
    if (life === null || node === null || this.isPaused) return null;
    let reply: Buffer | null = null;
    this.give(life, () => {
      const operator = Guest.console(node);
      for (const words of requests) {
        operator.say(words);
        life.finishTurn();
        reply = operator.heard();
      }
      operator.leave();
    });
    return reply;
  }
}
