/**
 * Plays a file of dialogues against a whole node: one test a case, one expectation a line.
 *
 *   playDialogues('pubsub');
 */
import { describe, expect, test } from 'vitest';
import { type Dialogue, type DialogueStep, readDialogues } from './dialogue-file.js';
import { LoneNode, type TestConnection } from './lone-node.js';

export function playDialogues(group: string): void {
  describe(`as Redis speaks with several clients: ${group}`, () => {
    test.each(readDialogues(group).map((dialogue) => [dialogue.title, dialogue] as const))('%s', (_, dialogue) => {
      play(dialogue);
    });
  });
}

function play(dialogue: Dialogue): void {
  const server = new LoneNode('save ""', 'enable-debug-command yes');
  const admin = server.connect();
  const clients = new Map<string, TestConnection>();
  const clientOf = (who: string): TestConnection => {
    let client = clients.get(who);
    if (client === undefined) clients.set(who, (client = server.connect()));
    return client;
  };
  for (const step of dialogue.steps) {
    if (step.kind === 'wait') server.pass(step.ms);
    else if (step.kind === 'config') expect(admin.run('CONFIG', 'SET', step.name, step.value)).toBe('+OK\r\n');
    else if (step.kind === 'resp') clientOf(step.who).run('HELLO', step.version);
    else if (step.kind === 'leave') leave(server, clients, step.who);
    else clientOf(step.who).tell(step.args);
    compare(step, clients);
  }
}

function leave(server: LoneNode, clients: Map<string, TestConnection>, who: string): void {
  clients.get(who)?.close();
  clients.delete(who);
  server.host.finishTurn();
}

function compare(step: DialogueStep, clients: Map<string, TestConnection>): void {
  const heard = new Map<string, string>();
  for (const [who, client] of clients) {
    const text = client.take() + (client.open ? '' : '(closed)\r\n');
    if (text !== '') heard.set(who, text);
    if (!client.open) clients.delete(who);
  }
  expect(Object.fromEntries(heard), `line ${step.line}: ${step.text}`).toEqual(Object.fromEntries(step.heard));
}
