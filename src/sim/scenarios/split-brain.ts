/**
 * The network is cut. On one side a primary and a client, on the other side everybody else: for a moment both write.
 * The minority stops in time; what it took in that window is gone when the network heals.
 */
import { NODE_TIMEOUT_MS } from '../setting.js';
import type { Stage } from './stage.js';

export function splitBrain(stage: Stage): void {
  stage.client('7001', 'SET', 'counter:{b}', '1');
  stage.pass(500);
  stage.say('The network is cut: 7001 and one client here, all others there.');
  stage.cutOff(['7001'], 8000);
  stage.pass(500);
  stage.say('For one and a half node timeouts 7001 cannot know. It takes a write that nobody else will see.');
  stage.at('7001', 'SET', 'counter:{b}', '2');
  stage.pass(1.5 * NODE_TIMEOUT_MS);
  stage.say('Now it knows that it is alone, and stops.');
  stage.at('7001', 'SET', 'counter:{b}', '3');
  stage.serves('7004', 4000);
  stage.say('On the other side life goes on with what had been replicated.');
  stage.at('7004', 'GET', 'counter:{b}');
  stage.at('7004', 'SET', 'counter:{b}', '10');
  stage.say('The network heals. The newer claim wins; 7001 gives up its data and follows.');
  stage.follows('7001', 8000);
  stage.allAgree(5000);
  stage.client('7001', 'GET', 'counter:{b}');
}
