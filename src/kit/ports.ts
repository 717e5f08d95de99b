/**
 * Neighbouring ports for a cluster: one for clients and one for the bus (+10000) of each node, all of them free.
 *
 *    7000 … 7005 + 17000 … 17005     one is taken ─▶ 7100 … 7105 + 17100 … 17105     and so on
 *
 * The next range begins a hundred higher, so that the number stays one that people can keep in mind.
 */
import { connect, createServer } from 'node:net';
import { Trouble } from './trouble.js';

export const BUS_OFFSET = 10_000;
const MAX_PORT = 65_535;
const NEXT_RANGE = 100;
/** Where `--port 0` looks: below the ports that systems give to outgoing connections, and so does the bus. */
const ANYWHERE = { from: 20_000, to: 22_700 };

export const LOCALHOST = '127.0.0.1';

export interface Chosen {
  readonly ports: readonly number[];
  /** The ports that were in the way, in the order of the ranges that were tried. */
  readonly taken: readonly number[];
}

export function portsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** First ports of the ranges to try, in order. */
export function rangeStarts(from: number, count: number): number[] {
  const highest = MAX_PORT - BUS_OFFSET - count + 1;
  if (from > highest) {
    throw new Trouble(
      `Port ${from} is too high: the bus takes the port ${BUS_OFFSET} higher. Give --port ${highest} or less`,
    );
  }
  const starts: number[] = [];
  for (let start = from; start <= highest; start += NEXT_RANGE) starts.push(start);
  return starts;
}

/** With a small clock's worth of chance, so that two test runs on one machine do not race for the same range. */
export function startAnywhere(chance: number): number {
  const ranges = (ANYWHERE.to - ANYWHERE.from) / NEXT_RANGE;
  return ANYWHERE.from + Math.floor(chance * ranges) * NEXT_RANGE;
}

/** The first range that is free as a whole. */
export async function choosePorts(
  from: number,
  count: number,
  isFree: (port: number) => Promise<boolean>,
): Promise<Chosen> {
  const taken: number[] = [];
  for (const start of rangeStarts(from, count)) {
    const ports = portsFrom(start, count);
    const inTheWay = await takenOf(ports, isFree);
    if (inTheWay.length === 0) return { ports, taken };
    taken.push(...inTheWay);
  }
  throw new Trouble(`No ${count} neighbouring ports are free from ${from} on: give another --port`);
}

/** Those that are not free, of the given ports and their bus ports. */
export async function takenOf(ports: readonly number[], isFree: (port: number) => Promise<boolean>): Promise<number[]> {
  const all = [...ports, ...ports.map((port) => port + BUS_OFFSET)];
  const free = await Promise.all(all.map(isFree));
  return all.filter((_, i) => !free[i]);
}

/**
 * Whether a node could listen there. By listening for a moment on the loopback addresses only: on all addresses,
 * Windows would ask the user to open the firewall. On macOS that succeeds although another program listens on all
 * addresses (AirPlay does), so there we also knock.
 */
export async function portIsFree(port: number): Promise<boolean> {
  if (!(await canListen(port, LOCALHOST))) return false;
  if (!(await canListen(port, '::1'))) return false;
  return process.platform !== 'darwin' || !(await answers(port));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'); // no such address: a machine without IPv6
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOCALHOST, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
