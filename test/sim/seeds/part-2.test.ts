/** Seeds of every run of the tests, part 2 of 4: a file for each worker. */
import { holdForSeeds } from './hold.js';

holdForSeeds(51, 100);
