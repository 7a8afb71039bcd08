#!/usr/bin/env node
// Node 22 and later keep the compiled code between runs; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
require("node:module").enableCompileCache?.();
require("../dist/cli/main.cjs");
