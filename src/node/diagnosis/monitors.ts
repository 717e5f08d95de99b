/**
 * MONITOR: clients that are told of every command that ran, each in a line.
 *
 *   +1339518083.107412 [0 127.0.0.1:60866] "keys" "*"
 *     │                 │ │                └ the arguments, quoted, without secrets
 *     │                 │ └ the client, or unix:<path of the socket>
 *     │                 └ its database, after the command
 *     └ wall time of the end of the command
 *
 * A command is told of when it has run: what a transaction queued therefore stands before its EXEC. A monitor that runs
 * commands itself reads their lines between its own replies, where they belong.
 */
import { quote } from '../../base/quoting.js';
import { FLAG } from '../../commands/row.js';
import type { Command } from '../../commands/table.js';
import type { Request } from '../../resp/request.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Client } from '../client.js';
import type { Outbox } from '../outbox.js';
import { hiddenArguments, type IsSecret, REDACTED } from './redaction.js';

const UNTOLD = FLAG.ADMIN | FLAG.SKIP_MONITOR;
const MICROS = 1_000_000;
const QUOTED_SECRET = `"${REDACTED}"`;

export class Monitors {
  private readonly clients = new Set<Client>();

  constructor(
    private readonly out: ReplyWriter,
    private readonly outbox: Outbox,
    private readonly isSecret: IsSecret,
    private readonly wallMicros: () => number,
    /** Told whether there is anybody to tell. */
    private readonly changed: (some: boolean) => void,
  ) {}

  add(client: Client): void {
    client.monitor = true;
    this.clients.add(client);
    this.changed(true);
  }

  /** The client is gone, or has become an ordinary one. */
  forget(client: Client): void {
    if (this.clients.delete(client) && this.clients.size === 0) this.changed(false);
  }

  /** A command of this client ran. */
  tell(command: Command, request: Request, client: Client): void {
    if ((command.flags & UNTOLD) !== 0) return;
    const line = this.line(command, request, client);
    let bytes: Buffer | null = null;
    for (const monitor of this.clients) {
      if (!monitor.monitor) this.forget(monitor);
      else if (monitor === client) this.out.raw(line);
      else if (monitor.replies === 'on' && !monitor.closing)
        this.outbox.push(monitor, (bytes ??= Buffer.from(line, 'latin1')));
    }
  }

  private line(command: Command, request: Request, client: Client): string {
    const now = this.wallMicros();
    const micros = `${now % MICROS}`.padStart(6, '0');
    const hidden = hiddenArguments(command.name, request, this.isSecret);
    let line = `+${Math.floor(now / MICROS)}.${micros} [${client.database} ${addressOf(client)}]`;
    for (let i = 0; i < request.argc; i++) line += ` ${hidden.includes(i) ? QUOTED_SECRET : quote(request.bytes(i))}`;
    return `${line}\r\n`;
  }
}

function addressOf({ link }: Client): string {
  if (link.kind === 'tcp') return link.remote;
  return `unix:${link.remote.slice(0, link.remote.lastIndexOf(':'))}`;
}
