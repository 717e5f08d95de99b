#!/usr/bin/env node
/** One cluster node: takes what redis-server takes. */
require('./run-bundle.js').runBundle('server');
