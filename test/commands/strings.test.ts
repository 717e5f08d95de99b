/**
 * The commands on strings: as Redis answers them, and what the golden file cannot show.
 */
import { playGolden } from '../support/play-golden.js';

playGolden('strings');
