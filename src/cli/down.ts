/**
 * `sextet down`: stops what runs of a folder, whoever started it. The data stays.
 * A `sextet up` that is in front of these nodes sees them go, and ends as well.
 */
import { bringDown, isRunning, lookAround } from '../kit/cluster.js';
import { ClusterFolder } from '../kit/folder.js';
import { counted, Trouble } from '../kit/trouble.js';
import type { Told } from './arguments.js';
import type { Terminal } from './terminal.js';

export async function runDown(told: Told, terminal: Terminal): Promise<number> {
  const folder = new ClusterFolder(told.dir);
  const description = folder.describe();
  if (!description) throw new Trouble(`There is no cluster in ${folder.shown}; --dir names another folder`);
  const sightings = await lookAround(folder, description);
  const count = sightings.filter(isRunning).length;
  const byForce = await bringDown(folder, description, sightings);
  terminal.say(
    count === 0
      ? `Nothing runs from ${folder.shown}.`
      : `Stopped ${counted(count, 'node', 'nodes')}. The data stays in ${folder.shown}.`,
  );
  for (const name of byForce) terminal.note(`${name} did not stop by itself and was ended; its log tells more.`);
  return byForce.length === 0 ? 0 : 1;
}
