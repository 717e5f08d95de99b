/**
 * DUMP and RESTORE: as Redis answers them, to the byte, and what they announce and tell to replicas.
 */
import { playGolden } from '../support/play-golden.js';

playGolden('dump');
