/**
 * Where clients come in by TCP, and how that moves while the server runs: CONFIG SET port, CONFIG SET bind.
 *
 *   CONFIG SET port 7001 ──▶ could we listen there? ──no──▶ an error, and nothing has changed
 *                                   │yes
 *                                   ▼
 *                            the old listeners close, new ones open
 *
 * CONFIG SET answers at once, and Node only tells later whether a port could be opened. So a child process tries it
 * first, which takes some 50 ms during which nothing is served: the price of a true answer, paid when a port is moved.
 */
import { spawnSync } from 'node:child_process';
import type { Server } from 'node:net';
import type { Config } from '../../node/config.js';
import { listenOn, placeOf } from './listeners.js';

/** Arguments: the port, and the hosts as `bind` has them, `-` in front. Ends with 0 if all open, or need not. */
const TRIAL = `
const net = require('net');
const [port, ...bind] = process.argv.slice(1);
const taken = ['EADDRINUSE', 'EACCES'];
for (const written of bind) {
  const optional = written.startsWith('-');
  const host = optional ? written.slice(1) : written;
  const server = net.createServer();
  server.on('error', (error) => { if (!optional || taken.includes(error.code)) process.exit(1); });
  server.listen({ host, port: Number(port), ipv6Only: host.includes(':') }, () => server.close());
}`;

export class ClientPorts {
  private servers: Server[] = [];
  /** Where we listen now, or are about to. */
  private openPort = 0;
  private openAddresses = '';

  constructor(
    private readonly config: Config,
    private readonly make: () => Server,
    private readonly note: (line: string) => void,
  ) {}

  /** Listens as the configuration says, and from now on wherever CONFIG SET says. False: that is not possible. */
  async open(): Promise<boolean> {
    const isOpen = await this.listen();
    this.config.onAct('port', () => this.movePort());
    this.config.onAct('bind', () => this.moveAddresses());
    return isOpen;
  }

  /** How many places that are. */
  get count(): number {
    return this.servers.length;
  }

  private async listen(): Promise<boolean> {
    const { bind, port, tcpBacklog } = this.config;
    this.openPort = port;
    this.openAddresses = bind.join(' ');
    if (port === 0) return true;
    const listening = await listenOn(bind, port, tcpBacklog, this.make, this.note);
    if (listening.ok) this.servers = listening.servers;
    else this.note(listening.line);
    return listening.ok;
  }

  private movePort(): string | null {
    if (this.config.port === this.openPort) return null; // a change that was undone
    if (!this.couldListen(this.config.port)) {
      this.note(`Failed listening on port ${this.config.port} (TCP), aborting.`);
      return 'Unable to listen on this port. Check server logs.';
    }
    this.move();
    return null;
  }

  /** The port is ours already, so only the addresses are tried, on any port. */
  private moveAddresses(): string | null {
    if (this.config.bind.join(' ') === this.openAddresses) return null;
    if (!this.couldListen(0)) {
      this.note('Failed to bind');
      return 'Failed to bind to specified addresses.';
    }
    this.move();
    return null;
  }

  private move(): void {
    for (const server of this.servers) server.close(); // connections stay
    this.servers = [];
    void this.listen();
  }

  private couldListen(port: number): boolean {
    if (this.config.port === 0) return true;
    const places = this.config.bind.map(placeOf).map(({ host, optional }) => (optional ? `-${host}` : host));
    const trial = spawnSync(process.execPath, ['-e', TRIAL, '--', String(port), ...places], { timeout: 5000 });
    return trial.status === 0;
  }
}
