/**
 * Plays a golden file against a whole node: dispatcher, clients and configuration included.
 *
 *   playOnNode('server');
 */
import { describe, expect, test } from 'vitest';
import { type GoldenCase, readGolden } from './golden-file.js';
import { LoneNode } from './lone-node.js';
import { printed } from './play-golden.js';

export function playOnNode(group: string): void {
  describe(`as Redis answers: ${group}`, () => {
    test.each(readGolden(group).map((golden) => [golden.title, golden] as const))('%s', (_, golden) => {
      playCase(golden);
    });
  });
}

function playCase(golden: GoldenCase): void {
  const server = new LoneNode('save ""', 'enable-debug-command yes');
  const client = server.connect();
  for (const step of golden.steps) {
    if (step.kind === 'resp') client.run('HELLO', `${step.version}`);
    else if (step.kind === 'wait') server.pass(step.ms);
    else if (step.kind === 'config') expect(client.run('CONFIG', 'SET', step.name, step.value)).toBe('+OK\r\n');
    else {
      const reply = client.runBytes(step.args);
      const said = `line ${step.line}: ${step.text}`;
      if (step.compare !== 'none')
        expect(printed(reply, step.compare), said).toEqual(printed(step.reply, step.compare));
    }
  }
}
