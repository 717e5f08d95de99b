/**
 * Two operators make a new config epoch at the same moment, without asking anybody. One epoch, two primaries: the one
 * with the smaller id moves on, so that of two claims to a slot one is always the newer.
 */
import type { Stage } from './stage.js';

export function epochCollision(stage: Stage): void {
  stage.say('The network is cut in two, so that neither hears of the other.');
  stage.cutOff(['7001', '7004'], 500);
  stage.pass(100);
  stage.at('7001', 'CLUSTER', 'BUMPEPOCH');
  stage.at('7002', 'CLUSTER', 'BUMPEPOCH');
  stage.say('The network heals.');
  const epochOf = (name: string) => stage.world.machine(name).node?.membership?.cluster.facts.me.configEpoch;
  stage.until('the epochs part', () => epochOf('7001') !== epochOf('7002'), 5000);
  stage.allAgree(5000);
  stage.say(`7001 is in epoch ${epochOf('7001')} now, 7002 in epoch ${epochOf('7002')}.`);
}
