/**
 * LATENCY GRAPH: the samples of an event as columns of characters, the oldest on the left, each with its age below.
 *
 *   command - high 500 ms, low 101 ms (all time high 500 ms)
 *   --------------------------------------------------------------------------------
 *     #          four lines of three steps each: _ o #, and | below them
 *     |
 *    _|
 *   _||
 *                an empty line
 *   421          4 m, 2 m, 18 s ago, read downwards
 *   mm8
 *     s
 */
import type { LatencyEvent } from '../../commands/server/latency.js';

const COLUMNS = 80;
const LINES = 4;
/** What the top of a column looks like, from low to high. */
const TOPS = ['_', 'o', '#'] as const;
const STEPS = LINES * TOPS.length;

export function drawLatency({ name, samples, worstMs }: LatencyEvent, nowSeconds: number): string {
  const times = samples.map(({ ms }) => ms);
  const high = Math.max(...times);
  const low = Math.min(...times);
  const columns = samples.map(({ at, ms }) => ({
    steps: stepsOf(ms - low, high - low),
    age: ageText(nowSeconds - at),
  }));
  let text = `${name} - high ${high} ms, low ${low} ms (all time high ${worstMs} ms)\n${'-'.repeat(COLUMNS)}\n`;
  for (let i = 0; i < columns.length; i += COLUMNS) {
    if (i > 0) text += '\n';
    text += drawBlock(columns.slice(i, i + COLUMNS));
  }
  return text;
}

interface Column {
  readonly steps: number;
  readonly age: string;
}

function stepsOf(above: number, range: number): number {
  return Math.min(STEPS - 1, Math.floor((above * STEPS) / Math.max(1, range)));
}

function drawBlock(columns: readonly Column[]): string {
  let text = '';
  for (let line = LINES - 1; line >= 0; line--) text += `${columns.map(({ steps }) => cell(steps, line)).join('')}\n`;
  text += `${' '.repeat(columns.length)}\n`;
  const longest = Math.max(...columns.map(({ age }) => age.length));
  for (let i = 0; i < longest; i++) text += `${columns.map(({ age }) => age[i] ?? ' ').join('')}\n`;
  return text;
}

/** What a column of so many steps shows in a line, counted from below. */
function cell(steps: number, line: number): string {
  const left = steps - line * TOPS.length;
  return left < 0 ? ' ' : (TOPS[left] ?? '|');
}

function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
