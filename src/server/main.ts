/**
 * `sextet-server`: argv → configuration → node → sockets.
 *
 *   command line ▸ folder ▸ log ▸ cluster's file ▸ listeners ▸ "Ready to accept connections"
 */
import { rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { busPortOf } from '../node/cluster/membership.js';
import { GROUPS } from '../commands/groups.js';
import { Node } from '../node/node.js';
import { sayHello, showLogo, TITLE } from './banner.js';
import { createBusServer } from './net/bus-links.js';
import { reportCrashes } from './crash.js';
import { removePidFile, wentToBackground, writePidFile } from './daemon.js';
import { Syslog } from './syslog.js';
import type { Config } from '../node/config.js';
import { parseCommandLine } from '../node/config/command-line.js';
import { procTitle } from '../node/config/proc-title.js';
import { startRefusal, unservedWarnings } from '../node/config/unserved.js';
import { Arrivals } from './net/arrivals.js';
import { ClientPorts } from './net/client-ports.js';
import { realConfigWorld } from './config-world.js';
import { listenOn, listenOnPath } from './net/listeners.js';
import { Log } from './logger.js';
import { followSignals, realMachine } from './machine.js';
import { RealHost } from './real-host.js';
import { reclaimMemory } from './reclaim.js';
import { fitOpenFiles } from './net/open-files.js';
import { createServer } from './net/sockets.js';

const PORT_TOO_HIGH =
  'Redis port number too high. Cluster communication port is 10,000 port numbers higher than your Redis port. ' +
  'Your Redis port number must be 55535 or less.';

async function start(): Promise<void> {
  const line = parseCommandLine(
    process.argv.slice(2),
    realConfigWorld((name) => GROUPS.some(({ rows }) => rows.some((row) => row[0] === name))),
  );
  if (!line.ok) return refuseConfig(line.stderr, [...line.notes, line.log]);
  if (!line.run) {
    tell(process.stdout, line.print);
    return;
  }
  const { config, notes } = line;
  if (wentToBackground(config)) return;
  let role = (): string => 'C'; // as Redis marks what is not a server yet
  const log = new Log({ path: config.logfile, level: config.loglevel, format: config.logFormat, role: () => role() });
  if (config.syslogEnabled) log.copyTo(new Syslog(config.syslogIdent, config.syslogFacility));
  for (const note of notes) log.log('warning', note);
  let lastDeed = (): void => {};
  const die = reportCrashes(log, () => lastDeed());
  sayHello(process.argv.length - 2, log);
  const node = new Node(new RealHost(log, config.file ?? ''), config);
  node.fatal = (reason) => die(new Error(reason));
  lastDeed = () => node.server.aof.finish();
  const doors: Server[] = [];
  node.server.machine = realMachine(die, () => tidy(config, log, doors));
  handSignalsTo((signal) => node.server.shutdown.signal(signal));
  role = () => (node.isReplica ? 'S' : 'M');
  const refusal = startRefusal(config);
  if (refusal !== null) {
    log.log('warning', refusal);
    return process.exit(1);
  }
  config.onChange(() => {
    showTitle(config);
    log.setLevel(config.loglevel);
  });
  if (!fitOpenFiles(config, (level, text) => log.log(level, text))) return process.exit(1);
  if (config.clusterEnabled && !join(node, log)) return process.exit(1);
  if (!(await openClientPorts(node, config, log, doors))) return process.exit(1);
  if (!(await openBusPort(node, config, log, doors))) return process.exit(1);
  writePidFile(config);
  showTitle(config);
  showLogo(config, log);
  for (const warning of unservedWarnings(config)) log.log('warning', warning);
  log.log('warning', 'Server initialized');
  node.start(() => {
    for (const line of readyLines(config)) log.log('notice', line);
    node.server.oomScore.follow();
  });
  reclaimMemory(node);
}

/** Tools wait for them. */
function readyLines({ port, bind, unixsocket }: Config): string[] {
  const lines = port !== 0 && bind.length > 0 ? ['Ready to accept connections'] : [];
  if (unixsocket !== '') lines.push(`The server is now ready to accept connections at ${unixsocket}`);
  return lines;
}

/** A server that ends leaves no pid file and no socket behind, and nobody comes in while it goes: as it ends, the
 *  system may close connections before the place at which new ones arrive. */
function tidy(config: Config, log: Log, doors: readonly Server[]): void {
  removePidFile(config, log);
  for (const door of doors) door.close();
  if (config.unixsocket === '') return;
  log.log('notice', 'Removing the unix socket file.');
  rmSync(config.unixsocket, { force: true });
}

/** What ps shows follows the port, the address and its own directives. */
function showTitle(config: Config): void {
  if (config.setProcTitle) process.title = procTitle(config, TITLE);
}

async function openClientPorts(node: Node, config: Config, log: Log, doors: Server[]): Promise<boolean> {
  const reception = {
    shared: node.intake.shared,
    accept: node.accept.bind(node),
    received: node.received.bind(node),
    ended: node.ended.bind(node),
    gone: node.gone.bind(node),
  };
  const note = (text: string): void => log.log('warning', text);
  const keepAlive = (): number => config.tcpKeepalive;
  const arrivals = new Arrivals(reception.shared);
  const make = (path: string): Server => noted(createServer(reception, arrivals, keepAlive, path), doors);
  const ports = new ClientPorts(config, () => make(''), note);
  if (!(await ports.open())) return false;
  if (config.unixsocket === '') {
    if (ports.count === 0) note('Configured to not listen anywhere, exiting.');
    return ports.count > 0;
  }
  const listening = await listenOnPath(config, make(config.unixsocket), note);
  if (!listening.ok) note(listening.line);
  return listening.ok;
}

function noted(door: Server, doors: Server[]): Server {
  doors.push(door);
  return door;
}

function join(node: Node, log: Log): boolean {
  const refusal = node.join();
  for (const line of refusal ?? []) log.log('warning', line);
  return refusal === null;
}

/** The bus listens where clients do. */
async function openBusPort(node: Node, config: Config, log: Log, doors: Server[]): Promise<boolean> {
  const { membership } = node;
  if (membership === null) return true;
  const note = (text: string): void => log.log('warning', text);
  const port = busPortOf(config);
  if (port > 65_535) {
    note(PORT_TOO_HIGH);
    return false;
  }
  const make = (): Server =>
    noted(
      createBusServer((link) => membership.accept(link)),
      doors,
    );
  const listening = await listenOn(config.bind, port, config.tcpBacklog, make, note);
  if (!listening.ok) note(listening.line);
  return listening.ok;
}

/** What cannot be read is told in a block on stderr, byte for byte; what cannot be opened in a line of the log. */
function refuseConfig(stderr: string, lines: readonly string[]): void {
  const log = new Log({ path: '', level: 'notice', format: 'text', role: () => 'C' });
  for (const line of lines) if (line !== '') log.log('warning', line);
  tell(process.stderr, Buffer.from(stderr, 'latin1'));
  process.exitCode = 1;
}

/** Who called us may have gone before we could say it: nobody wants to hear of that. */
function tell(caller: NodeJS.WriteStream, text: string | Uint8Array): void {
  caller.on('error', () => {});
  caller.write(text);
}

const handSignalsTo = followSignals();
void start();
