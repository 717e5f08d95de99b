/**
 * INFO commandstats, errorstats, latencystats: what ran, what failed, and how long it took.
 *
 * All of it is counted by the dispatcher, by the dense id of a command (commands/command-stats.ts).
 */
import type { Node } from '../node.js';
import type { Field } from './info.js';

export function commandFields({ dispatcher, table }: Node): readonly Field[] {
  const { calls, failed, micros, rejected } = dispatcher.stats;
  const fields: Field[] = [];
  for (const { id, name } of table.commands) {
    const ran = calls[id] ?? 0;
    if (ran === 0 && rejected[id] === 0 && failed[id] === 0) continue;
    const took = Math.round(micros[id] ?? 0);
    const each = (ran === 0 ? 0 : took / ran).toFixed(2);
    const counts = `rejected_calls=${rejected[id]},failed_calls=${failed[id]}`;
    fields.push([`cmdstat_${name}`, `calls=${ran},usec=${took},usec_per_call=${each},${counts}`]);
  }
  return fields;
}

export function errorFields({ dispatcher }: Node): readonly Field[] {
  const codes = [...dispatcher.stats.errors].sort(([a], [b]) => (a < b ? -1 : 1));
  return codes.map(([code, count]): Field => [`errorstat_${safeName(code)}`, `count=${count}`]);
}

export function latencyFields({ config, dispatcher, table }: Node): readonly Field[] {
  if (!config.latencyTracking) return [];
  const fields: Field[] = [];
  for (const { id, name } of table.commands) {
    const histogram = dispatcher.stats.histogramOf(id);
    if (histogram === null) continue;
    const values = config.latencyTrackingInfoPercentiles.map((percent) => {
      return `p${percent}=${(histogram.atPercentile(percent) / 1000).toFixed(3)}`;
    });
    fields.push([`latency_percentiles_usec_${name}`, values.join(',')]);
  }
  return fields;
}

/** A name that clients made must not break the lines. */
function safeName(name: string): string {
  let safe = '';
  for (const c of name) safe += c === '#' || c === ':' || c === '\n' || c === '\r' ? '_' : c;
  return safe;
}
