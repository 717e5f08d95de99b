/**
 * WAIT: who waits until so many replicas have what he wrote.
 *
 *   WAIT 2 1000 ──▶ offset of his last write ──▶ two replicas acked that much, or the time is over ──▶ how many did
 */
interface Waiter<Client> {
  readonly client: Client;
  readonly offset: number;
  readonly replicas: number;
  /** Monotonic ms; null waits for ever. */
  readonly deadline: number | null;
}

/** What a waiter is told. */
export interface Waited<Client> {
  readonly client: Client;
  readonly replicas: number;
}

export class WaitList<Client> {
  private waiters: Waiter<Client>[] = [];

  get size(): number {
    return this.waiters.length;
  }

  add(client: Client, offset: number, replicas: number, deadline: number | null): void {
    this.waiters.push({ client, offset, replicas, deadline });
  }

  /** Whom the replicas' acks satisfy, in the order in which they came. */
  satisfied(countAt: (offset: number) => number): Waited<Client>[] {
    return this.take((waiter) => {
      const count = countAt(waiter.offset);
      return count >= waiter.replicas ? count : null;
    });
  }

  /** Whose time is over. */
  expired(nowMs: number, countAt: (offset: number) => number): Waited<Client>[] {
    return this.take(({ deadline, offset }) => (deadline !== null && deadline <= nowMs ? countAt(offset) : null));
  }

  /** The client is gone, or does not wait any more: true if it did. */
  forget(client: Client): boolean {
    const before = this.waiters.length;
    this.waiters = this.waiters.filter((waiter) => waiter.client !== client);
    return this.waiters.length < before;
  }

  private take(judge: (waiter: Waiter<Client>) => number | null): Waited<Client>[] {
    const done: Waited<Client>[] = [];
    this.waiters = this.waiters.filter((waiter) => {
      const replicas = judge(waiter);
      if (replicas === null) return true;
      done.push({ client: waiter.client, replicas });
      return false;
    });
    return done;
  }
}
