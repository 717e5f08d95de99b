#!/usr/bin/env node
/**
 * The toolbox: `sextet up`, `sextet status`, `sextet down`, `sextet sim`.
 * The program itself is src/cli/main.ts.
 */
require('./run-bundle.js').runBundle('cli');
