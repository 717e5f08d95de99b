/**
 * The commands on lists, hashes and sets: as Redis answers them.
 *
 * What they share with the other types, events and the count of changes, is looked at with sorted sets.
 */
import { playOnNode } from '../support/play-on-node.js';

playOnNode('lists');
playOnNode('hashes');
playOnNode('sets');
