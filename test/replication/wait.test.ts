/**
 * WAIT: who is told what, and when.
 */
import { expect, test } from 'vitest';
import { WaitList } from '../../src/replication/wait.js';

const acks =
  (...offsets: readonly number[]) =>
  (offset: number) =>
    offsets.filter((acked) => acked >= offset).length;

function waiting(): WaitList<string> {
  const list = new WaitList<string>();
  list.add('one at 10', 10, 1, 500);
  list.add('two at 10', 10, 2, 500);
  list.add('one at 20', 20, 1, null);
  return list;
}

test('whoever is satisfied is told how many have it, in the order of coming', () => {
  const list = waiting();
  expect(list.satisfied(acks())).toEqual([]);
  expect(list.satisfied(acks(10, 9))).toEqual([{ client: 'one at 10', replicas: 1 }]);
  expect(list.satisfied(acks(25, 12))).toEqual([
    { client: 'two at 10', replicas: 2 },
    { client: 'one at 20', replicas: 1 },
  ]);
  expect(list.size).toBe(0);
});

test('whose time is over is told how many have it by then; who waits for ever goes on', () => {
  const list = waiting();
  expect(list.expired(499, acks())).toEqual([]);
  expect(list.expired(500, acks(10)).map(({ client, replicas }) => [client, replicas])).toEqual([
    ['one at 10', 1],
    ['two at 10', 1],
  ]);
  expect(list.expired(1e9, acks())).toEqual([]);
});

test('who is gone is not told', () => {
  const list = waiting();
  expect(list.forget('one at 10')).toBe(true);
  expect(list.forget('one at 10')).toBe(false);
  expect(list.satisfied(acks(10)).map(({ client }) => client)).toEqual([]);
});
