/** Which range is taken, of ports that are free or not by a table; and that a real listener is seen. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { whoHolds } from '../../src/kit/port-owner.js';
import { choosePorts, portIsFree, rangeStarts, startAnywhere } from '../../src/kit/ports.js';

const allBut =
  (...taken: number[]) =>
  async (port: number) =>
    !taken.includes(port);

test.each<[string, number[], number, number[]]>([
  ['all free', [], 7000, []],
  ['the first is taken', [7000], 7100, [7000]],
  ['the last is taken', [7005], 7100, [7005]],
  ['one behind the last is taken', [7006], 7000, []],
  ['a bus port is taken', [17003], 7100, [17003]],
  ['two ranges in a row', [7001, 7104, 17104], 7200, [7001, 7104, 17104]],
])('%s', async (_, taken, first, inTheWay) => {
  const chosen = await choosePorts(7000, 6, allBut(...taken));
  expect(chosen).toEqual({ ports: [0, 1, 2, 3, 4, 5].map((i) => first + i), taken: inTheWay });
});

test('the bus must fit, too', async () => {
  expect(rangeStarts(55530, 6)).toEqual([55530]);
  expect(() => rangeStarts(55531, 6)).toThrow('Give --port 55530 or less');
  await expect(choosePorts(55500, 6, async () => false)).rejects.toThrow(
    'No 6 neighbouring ports are free from 55500 on',
  );
});

test('anywhere is below the ports of outgoing connections, with room for the bus', () => {
  expect(startAnywhere(0)).toBe(20000);
  expect(startAnywhere(0.999999)).toBe(22600);
});

test.each(['127.0.0.1', '0.0.0.0'])('a listener on %s is in the way, and has a name on Linux', async (host) => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  expect(await portIsFree(port)).toBe(false);
  if (process.platform === 'linux') expect(await whoHolds(port)).toContain(`(pid ${process.pid})`);
  server.close();
  await once(server, 'close');
  expect(await portIsFree(port)).toBe(true);
});
