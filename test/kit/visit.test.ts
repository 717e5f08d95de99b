/**
 * Whom the doctor finds without a cluster: a primary names its replicas, a replica its primary. The servers are of this
 * process, and say what the test lets them say.
 */
import { afterEach, expect, test } from 'vitest';
import type { ClientAddress } from '../../src/kit/connection.js';
import { placeOf } from '../../src/kit/doctor/patient.js';
import { visitAll } from '../../src/kit/doctor/visit.js';
import { closeServers, serve } from './little-server.js';

afterEach(closeServers);

/** A server whose INFO is these lines, and that shows nothing else. */
function showing(info: () => readonly string[]): Promise<ClientAddress> {
  return serve((request) => {
    if (!request.includes('INFO')) return '*0\r\n';
    const text = info()
      .map((line) => `${line}\r\n`)
      .join('');
    return `$${text.length}\r\n${text}\r\n`;
  });
}

async function foundFrom(address: ClientAddress): Promise<string[]> {
  const patients = await visitAll([address], null);
  return patients.map(({ address, access }) => `${placeOf(address)} ${access.kind}`);
}

test('a primary and its replica, from either, each once by whatever name', async () => {
  const replica = await showing(() => ['role:slave', 'master_host:localhost', `master_port:${primary.port}`]);
  const slave0 = `slave0:ip=::1,port=${replica.port},state=online`;
  const primary = await showing(() => ['role:master', 'connected_slaves:1', slave0]);
  const [one, other] = [`${placeOf(primary)} open`, `${placeOf(replica)} open`];
  expect(await foundFrom(primary)).toEqual([one, other]);
  expect(await foundFrom(replica)).toEqual([other, one]);
});

test('one that asks for a password, and nobody', async () => {
  const server = await serve(() => '-NOAUTH Authentication required.\r\n');
  expect(await foundFrom(server)).toEqual([`${placeOf(server)} refused`]);
  closeServers();
  expect(await foundFrom(server)).toEqual([`${placeOf(server)} unreachable`]);
});
