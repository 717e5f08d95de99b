#!/usr/bin/env node
/** The toolbox: `sextet up`, `sextet status`, `sextet down`. */
require('./run-bundle.js').runBundle('cli');
