/**
 * A primary dies. Its silence becomes a suspicion, the suspicions of a majority a verdict, and its replica asks for
 * votes, gets them, and serves. The old primary comes back as a replica.
 */
import type { Stage } from './stage.js';

export function failover(stage: Stage): void {
  const { world } = stage;
  stage.say('A client writes. The slot is with 7002; its replica 7005 gets the same bytes.');
  stage.client('7001', 'SET', 'user:1', 'Ada');
  stage.pass(1000);
  stage.say('7002 dies.');
  stage.kill('7002', 6000);
  stage.serves('7005', 5000, '7001');
  stage.say('The value has not been lost, and the next one finds its way.');
  stage.client('7001', 'GET', 'user:1');
  stage.client('7001', 'SET', 'user:1', 'Grace');
  stage.say('7002 comes back, hears that there is a newer claim to its slots, and follows.');
  stage.until('7002 is back', () => world.machine('7002').isRunning, 6000);
  stage.follows('7002', 3000);
  stage.allAgree(5000);
}
