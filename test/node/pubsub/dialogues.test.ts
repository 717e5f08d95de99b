/**
 * Pub/sub and keyspace notifications as several clients of one server hear them, recorded from redis-server 7.0.15.
 */
import { playDialogues } from '../../support/play-dialogues.js';

playDialogues('pubsub');
playDialogues('notifications');
