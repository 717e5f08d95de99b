/** Types of unit.mjs for the tests that are written in TypeScript. */

export interface Heard {
  passed: string[];
  failed: { name: string; why: string }[];
  skipped: string[];
  ignored: string[];
  ending: string;
  last: string;
}
export function readOutput(text: string): Heard;
export function readInstances(text: string): Pick<Heard, 'passed' | 'failed'>;
