/** Seeds of every run of the tests, part 4 of 4: a file for each worker. */
import { holdForSeeds } from './hold.js';

holdForSeeds(151, 200);
