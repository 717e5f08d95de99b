/**
 * Whom the system ends first when memory runs out: `oom-score-adj`, for us as primary or as replica, and for the
 * process that writes a file for us.
 *
 *   what we were started with ─ + or instead of it ─ oom-score-adj-values[primary, replica, child] ─▶ −1000 … 1000
 *
 * That first score is read when the directive begins to act and comes back when it ends; whatever else somebody writes
 * meanwhile is overwritten with the next change of role or directive, as in Redis.
 */
import { messageOf } from '../../base/host.js';
import type { Node } from '../node.js';

const REFUSED = 'Failed to set current oom_score_adj. Check server logs.';
/** Beyond that the system takes none. */
const HIGHEST = 1000;

// biome-ignore format: a table
const PLACES = { primary: 0, replica: 1, child: 2 } as const;

type Place = keyof typeof PLACES;

export class OomScore {
  /** What we had before; null while nothing of it is ours. */
  private before: number | null = null;

  constructor(private readonly node: Node) {
    node.config.onAct('oom-score', () => (this.follow() ? null : REFUSED));
  }

  /** Our own score, by directive and role. False where it cannot be had: the log says why, if the system did. */
  follow(): boolean {
    const { config, host, replication } = this.node;
    if (host.oomScores === undefined) return false;
    if (config.oomScoreAdj === 'no') return this.giveBack();
    const score = this.scoreOf(replication.isReplica ? 'replica' : 'primary');
    return score !== null && this.write(host.process.pid, score);
  }

  /** A process of its own writes a file for us. It began with our score. */
  writerStarted(pid: number): void {
    const { config, host } = this.node;
    if (host.oomScores === undefined || config.oomScoreAdj === 'no') return;
    const score = this.scoreOf('child');
    if (score !== null) this.write(pid, score);
  }

  private giveBack(): boolean {
    const { before } = this;
    this.before = null;
    return before === null || this.write(this.node.host.process.pid, before);
  }

  private scoreOf(place: Place): number | null {
    const { config } = this.node;
    this.before ??= this.read();
    if (this.before === null) return null;
    const wanted = config.oomScoreAdjValues[PLACES[place]] ?? 0;
    const score = config.oomScoreAdj === 'absolute' ? wanted : this.before + wanted;
    return Math.max(-HIGHEST, Math.min(HIGHEST, score));
  }

  private read(): number | null {
    const { host } = this.node;
    try {
      return host.oomScores?.read(host.process.pid) ?? null;
    } catch (error) {
      this.node.log('warning', `Unable to read oom_score_adj: ${messageOf(error)}`);
      return null;
    }
  }

  private write(pid: number, score: number): boolean {
    try {
      this.node.host.oomScores?.write(pid, score);
      return true;
    } catch (error) {
      this.node.log('warning', `Unable to write oom_score_adj: ${messageOf(error)}`);
      return false;
    }
  }
}
