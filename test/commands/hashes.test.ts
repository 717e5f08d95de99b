/**
 * The commands on hashes: as Redis answers them, and what the golden file cannot show.
 */
import { playOnNode } from '../support/play-on-node.js';

playOnNode('hashes');
