/**
 * WAIT: who waits until so many replicas have what he has seen. When he waits no longer is not known here.
 *
 *   WAIT 2 1000 ──▶ offset behind his last command ──▶ two replicas acked that much ──▶ how many did
 */
interface Waiter<Client> {
  readonly client: Client;
  readonly offset: number;
  readonly replicas: number;
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

  add(client: Client, offset: number, replicas: number): void {
    this.waiters.push({ client, offset, replicas });
  }

  /** Whom the replicas' acks satisfy, in the order in which they came. */
  satisfied(countAt: (offset: number) => number): Waited<Client>[] {
    const done: Waited<Client>[] = [];
    this.waiters = this.waiters.filter(({ client, offset, replicas }) => {
      const count = countAt(offset);
      if (count < replicas) return true;
      done.push({ client, replicas: count });
      return false;
    });
    return done;
  }

  /** The client is gone, or does not wait any more. */
  forget(client: Client): void {
    this.waiters = this.waiters.filter((waiter) => waiter.client !== client);
  }
}
