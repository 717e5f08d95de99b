/**
 * The connections to other servers that MIGRATE has opened, by the address that the client wrote.
 *
 * A reshard sends thousands of MIGRATE to one place: none of them waits for a connection but the first.
 */
import type { Node } from '../node.js';
import { Target } from './target.js';

/** As many are kept, and so long after their last use: as redis 7.0 does. */
const KEPT = 64;
const KEPT_MS = 10_000;
const PORT_MAX = 65_535;

export class Targets {
  /** The one that was opened first comes first. */
  private readonly open = new Map<string, Target>();

  constructor(private readonly node: Node) {}

  /** The connection to a server, opened where there is none; null where the port is none. */
  to(host: string, port: string): Target | null {
    const name = `${host}:${port}`;
    const kept = this.open.get(name);
    if (kept !== undefined) return kept;
    const number = leadingNumber(port);
    if (number > PORT_MAX) return null;
    if (this.open.size === KEPT) this.longestUnused()?.close();
    const from = this.node.config.bindSourceAddr;
    const address = { host, port: number, ...(from === '' ? {} : { from }) };
    const target = new Target(this.node.host, address, (left) => {
      if (this.open.get(name) === left) this.open.delete(name);
    });
    if (target.state !== 'down') this.open.set(name, target);
    return target;
  }

  closeUnused(nowMs: number): void {
    for (const target of [...this.open.values()])
      if (target.user === null && nowMs - target.usedAt > KEPT_MS) target.close();
  }

  get count(): number {
    return this.open.size;
  }

  private longestUnused(): Target | undefined {
    return [...this.open.values()].sort((a, b) => a.usedAt - b.usedAt)[0];
  }
}

/** As atoi reads it: what stands behind the digits counts for nothing. */
function leadingNumber(text: string): number {
  let n = 0;
  for (const char of text) {
    if (char < '0' || char > '9' || n > PORT_MAX) break;
    n = n * 10 + Number(char);
  }
  return n;
}
