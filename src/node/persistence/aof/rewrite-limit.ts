/**
 * Rewrites that fail again and again leave a small file each, so they wait: for a minute behind the third failure, then
 * for twice as long each time, and at most for an hour. BGREWRITEAOF is not held back.
 *
 *   failed  3 ─▶ 1 min ─▶ tried, failed ─▶ 2 min ─▶ … ─▶ 60 min
 */
const FAILURES_ALLOWED = 3;
const MOST_MINUTES = 60;

export class RewriteLimit {
  /** Failures since the last success: INFO aof_rewrites_consecutive_failures. */
  failures = 0;
  private minutes = 0;
  private until: number | null = null;

  constructor(private readonly note: (line: string) => void) {}

  /** Whether a rewrite has to wait; `now` is wall seconds. */
  holdsBack(now: number): boolean {
    if (this.failures < FAILURES_ALLOWED) {
      this.minutes = 0;
      this.until = null;
      return false;
    }
    if (this.until !== null) {
      if (now < this.until) return true;
      this.until = null;
      return false;
    }
    this.minutes = Math.min(MOST_MINUTES, Math.max(1, this.minutes * 2));
    this.until = now + this.minutes * 60;
    const what = 'Background AOF rewrite has repeatedly failed and triggered the limit';
    this.note(`${what}, will retry in ${this.minutes} minutes`);
    return true;
  }
}
