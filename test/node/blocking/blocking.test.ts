/**
 * Clients that wait for keys, as Redis 7.0.15 serves them: dialogues of several clients, recorded from it.
 */
import { playDialogues } from '../../support/play-dialogues.js';

playDialogues('blocking');
