/** Seeds of every run of the tests, part 1 of 4: a file for each worker. */
import { holdForSeeds } from './hold.js';

holdForSeeds(1, 50);
