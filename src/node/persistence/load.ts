/**
 * Files on their way into the databases, whatever their form: step by step, or at once.
 *
 * At the start loading.ts takes the steps, in slices; DEBUG RELOAD and LOADAOF let the server stand still.
 */
import type { Node } from '../node.js';

/** What is read at a time at most. */
export const PART_BYTES = 128 * 1024;

/** How long what is loaded, at the start or off a link, goes on without looking at anybody else. */
export const LOAD_SLICE_MS = 8;

export type LoadStep = 'more' | 'done' | 'failed';

export interface Load {
  readonly totalBytes: number;
  readonly loadedBytes: number;
  /** What key-load-delay counts. */
  readonly loadedCount: number;
  /** Goes on for up to about so many bytes. */
  step(bytes: number): LoadStep;
}

/** True where all was loaded. */
export function loadAtOnce(node: Node, load: Load): boolean {
  let step: LoadStep = 'more';
  while (step === 'more') step = load.step(PART_BYTES);
  const { keyLoadDelay } = node.config;
  if (keyLoadDelay > 0) node.server.machine.block((load.loadedCount * keyLoadDelay) / 1000);
  return step === 'done';
}
