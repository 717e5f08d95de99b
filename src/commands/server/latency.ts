/**
 * LATENCY: what kept clients waiting, and how long commands take.
 *
 *   LATEST, HISTORY, GRAPH, RESET, DOCTOR    events that passed `latency-monitor-threshold`
 *   HISTOGRAM                                every call of a command, counted since CONFIG RESETSTAT
 */
import { noLatencySamples } from '../../base/errors.js';
import type { ReplyWriter } from '../../resp/writer.js';
import type { Handler } from '../handler.js';
import type { Histogram } from '../histogram.js';
import type { Command } from '../table.js';

export interface LatencySample {
  /** Wall seconds. */
  readonly at: number;
  readonly ms: number;
}

export interface LatencyEvent {
  readonly name: string;
  /** The worst one ever, even if its sample is gone. */
  readonly worstMs: number;
  /** The oldest first, never empty. */
  readonly samples: readonly LatencySample[];
}

export interface LatencyDoor {
  find(name: string): LatencyEvent | null;
  all(): readonly LatencyEvent[];
  forget(name: string): number;
  /** LATENCY GRAPH and DOCTOR: texts for people. */
  graph(event: LatencyEvent): string;
  diagnosis(): string;
  histogramOf(command: Command): Histogram | null;
}

export const latencyLatest: Handler = (_request, reply, _db, session) => {
  const events = session.node.server.latency.all();
  reply.arrayHeader(events.length);
  for (const { name, samples, worstMs } of events) {
    const { at, ms } = samples[samples.length - 1];
    reply.arrayHeader(4);
    reply.bulkText(name);
    reply.integer(at);
    reply.integer(ms);
    reply.integer(worstMs);
  }
};

export const latencyHistory: Handler = (request, reply, _db, session) => {
  const samples = session.node.server.latency.find(request.text(2))?.samples ?? [];
  reply.arrayHeader(samples.length);
  for (const { at, ms } of samples) {
    reply.arrayHeader(2);
    reply.integer(at);
    reply.integer(ms);
  }
};

export const latencyReset: Handler = (request, reply, _db, session) => {
  const { latency } = session.node.server;
  let forgotten = 0;
  if (request.argc === 2) for (const { name } of latency.all()) forgotten += latency.forget(name);
  for (let i = 2; i < request.argc; i++) forgotten += latency.forget(request.text(i));
  reply.integer(forgotten);
};

export const latencyGraph: Handler = (request, reply, _db, session) => {
  const { latency } = session.node.server;
  const event = latency.find(request.text(2));
  if (event === null) return reply.error(noLatencySamples(request.text(2)));
  reply.verbatim(latency.graph(event));
};

export const latencyDoctor: Handler = (_request, reply, _db, session) => {
  reply.verbatim(session.node.server.latency.diagnosis());
};

/** LATENCY HISTOGRAM [command …]: a container stands for all of its sub-commands; unknown names are passed over. */
export const latencyHistogram: Handler = (request, reply, _db, session) => {
  const { table } = session.node;
  const mark = reply.mark();
  let count = 0;
  const write = (command: Command): void => {
    const histogram = session.node.server.latency.histogramOf(command);
    if (histogram !== null) {
      writeHistogram(reply, command.name, histogram);
      count++;
    }
    command.subcommands.forEach(write);
  };
  if (request.argc === 2) table.topLevel.forEach(write);
  for (let i = 2; i < request.argc; i++) {
    const command = table.byName(request.bytes(i));
    if (command !== null) write(command);
  }
  reply.mapAt(mark, count);
};

function writeHistogram(reply: ReplyWriter, name: string, histogram: Histogram): void {
  const sums = histogram.sums();
  reply.bulkText(name);
  reply.mapHeader(2);
  reply.bulkText('calls');
  reply.integer(histogram.total);
  reply.bulkText('histogram_usec');
  reply.mapHeader(sums.length);
  for (const { upTo, calls } of sums) {
    reply.integer(upTo);
    reply.integer(calls);
  }
}

const HELP = [
  'LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  'DOCTOR',
  '    Return a human readable latency analysis report.',
  'GRAPH <event>',
  '    Return an ASCII latency graph for the <event> class.',
  'HISTORY <event>',
  '    Return time-latency samples for the <event> class.',
  'LATEST',
  '    Return the latest latency samples for all events.',
  'RESET [<event> ...]',
  '    Reset latency data of one or more <event> classes.',
  '    (default: reset all data for all event classes)',
  'HISTOGRAM [COMMAND ...]',
  '    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.',
  '    If no commands are specified then all histograms are replied.',
  'HELP',
  '    Prints this help.',
];

export const latencyHelp: Handler = (_request, reply) => {
  reply.lines(HELP);
};
