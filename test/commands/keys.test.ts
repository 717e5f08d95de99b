/**
 * The commands on keys of any type: as Redis answers them, and what the golden file cannot show.
 */
import { playGolden } from '../support/play-golden.js';

playGolden('keys');
