/**
 * Slots move while a client writes to them: MOVED before, ASK in between, MOVED to the new owner afterwards, and no
 * write lost on the way.
 */
import { keySlot } from '../../slots/key-slot.js';
import type { Stage } from './stage.js';

const KEYS = ['{b}1', '{b}2', '{b}3'];

export function reshard(stage: Stage): void {
  const { world } = stage;
  const slot = String(keySlot(Buffer.from('b'), 0, 1));
  stage.say(`Slot ${slot} is with 7001, and has three keys.`);
  for (const [i, key] of KEYS.entries()) stage.client('7002', 'SET', key, `value ${i + 1}`);
  stage.say('7002 is to take it, 7001 to give it away.');
  stage.at('7002', 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', stage.id('7001'));
  stage.at('7001', 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', stage.id('7002'));
  stage.say('A key that is still here is served here; one that is not is asked for at 7002.');
  stage.at('7001', 'GET', '{b}1');
  stage.at('7001', 'SET', '{b}4', 'new');
  stage.at('7002', 'SET', '{b}4', 'new');
  stage.say('The keys go over, and with the last one the slot.');
  stage.mover.move([Number(slot)], world.machine('7001'), world.machine('7002'));
  stage.until('the move ends', () => stage.mover.isIdle, 5000);
  stage.pass(500);
  for (const key of KEYS) stage.client('7001', 'GET', key);
  stage.must('7001 keeps nothing', world.machine('7001').node?.engine.size === 0);
  stage.must('its replica keeps nothing', world.machine('7004').node?.engine.size === 0);
  stage.allAgree(5000);
}
