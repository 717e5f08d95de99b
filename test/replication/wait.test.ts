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
  list.add('one at 10', 10, 1);
  list.add('two at 10', 10, 2);
  list.add('one at 20', 20, 1);
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

test('who is gone is not told', () => {
  const list = waiting();
  list.forget('one at 10');
  expect(list.satisfied(acks(10)).map(({ client }) => client)).toEqual([]);
});
