#!/usr/bin/env node
import module from "node:module";

// Node 22 and later keep the compiled code between runs; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
module.enableCompileCache?.();
await import("../dist/cli/main.js");
