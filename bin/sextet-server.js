#!/usr/bin/env node
/**
 * One node: takes what redis-server takes.
 * The program itself is src/server/main.ts.
 */
require('./run-bundle.js').runBundle('server');
