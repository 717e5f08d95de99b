#!/usr/bin/env node
/**
 * The toolbox: `sextet up`, `sextet status`, `sextet rdb` and others, see `sextet --help`.
 * The program itself is src/cli/main.ts.
 */
require('./run-bundle.js').runBundle('cli');
