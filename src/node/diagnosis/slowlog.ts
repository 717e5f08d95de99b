/**
 * The slow log: the last commands that took too long, each with who asked and what, cut to a size that can be kept.
 *
 *   SET key <300 bytes>            ▸  SET key <128 bytes>... (172 more bytes)
 *   SADD key m1 … m60              ▸  SADD key m1 … m29 ... (31 more arguments)
 *
 * Only the running of a command counts: neither the wait for its turn nor the sending of its reply.
 */
import Denque from 'denque';
import { FLAG } from '../../commands/row.js';
import type { SlowEntry, SlowLogDoor } from '../../commands/server/slowlog.js';
import type { Command } from '../../commands/table.js';
import type { Request } from '../../resp/request.js';
import type { Client } from '../client.js';
import { hiddenArguments, type IsSecret, REDACTED } from './redaction.js';

const MAX_ARGUMENTS = 32;
const MAX_BYTES = 128;

export class SlowLog implements SlowLogDoor {
  /** slowlog-log-slower-than in µs; below 0 nothing is slow. */
  slowerThan = -1;
  private maxLength = 0;
  private nextId = 0;
  /** The oldest first. */
  private readonly entries = new Denque<SlowEntry>();

  constructor(
    private readonly isSecret: IsSecret,
    private readonly wallMs: () => number,
  ) {}

  /** slowlog-max-len. */
  limitTo(maxLength: number): void {
    this.maxLength = maxLength;
    while (this.entries.length > maxLength) this.entries.shift();
  }

  /** A command ran and took that long. */
  took(command: Command, request: Request, client: Client, micros: number): void {
    if (this.slowerThan < 0 || micros < this.slowerThan || (command.flags & FLAG.SKIP_SLOWLOG) !== 0) return;
    this.entries.push({
      id: this.nextId++,
      at: Math.floor(this.wallMs() / 1000),
      micros,
      args: shortened(request, hiddenArguments(command.name, request, this.isSecret)),
      address: client.link.remote,
      clientName: client.name,
    });
    this.limitTo(this.maxLength);
  }

  get length(): number {
    return this.entries.length;
  }

  latest(count: number): readonly SlowEntry[] {
    const found: SlowEntry[] = [];
    for (let i = this.entries.length - 1; i >= 0 && found.length < count; i--) {
      const entry = this.entries.peekAt(i);
      if (entry !== undefined) found.push(entry);
    }
    return found;
  }

  clear(): void {
    this.entries.clear();
  }
}

function shortened(request: Request, hidden: readonly number[]): Buffer[] {
  const { argc } = request;
  const whole = argc > MAX_ARGUMENTS ? MAX_ARGUMENTS - 1 : argc;
  const args: Buffer[] = [];
  for (let i = 0; i < whole; i++) args.push(hidden.includes(i) ? Buffer.from(REDACTED) : shortArgument(request, i));
  if (whole < argc) args.push(Buffer.from(`... (${argc - whole} more arguments)`));
  return args;
}

function shortArgument(request: Request, i: number): Buffer {
  const length = request.len[i] ?? 0;
  if (length <= MAX_BYTES) return request.bytes(i);
  const at = request.off[i] ?? 0;
  const more = Buffer.from(`... (${length - MAX_BYTES} more bytes)`);
  return Buffer.concat([request.buf.subarray(at, at + MAX_BYTES), more]);
}
