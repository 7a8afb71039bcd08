// Some of Node's own modules take milliseconds to load, and most commands call nothing of them. In the
// bundled code their functions load the module when the first of them is called:
//
//     import { createHash } from "node:crypto"     stands as it is in src/, and becomes
//     function createHash(...words) { return loaded().createHash(...words); }

import { promisify } from "node:util";

/** What a light command would load and not use, with the milliseconds; Node itself starts in 60. */
const LAZY = [
  "node:child_process", // 3: commander has it for subcommands that are programs
  "node:crypto", // 3
  "node:fs/promises", // 1.5
  "node:module", // 2
  "node:readline/promises", // half of one
  "node:timers/promises",
];

const PREFIX = "\0lazy ";

/** A plugin for the bundler; packages that are bundled get the same. */
export const lazyModules = {
  name: "lazy-modules",
  resolveId: {
    order: "pre",
    handler: (id) =>
      LAZY.includes(id) ? { id: `${PREFIX}${id}`, moduleSideEffects: false } : null,
  },
  load: (id) => (id.startsWith(PREFIX) ? lazyCode(id.slice(PREFIX.length)) : null),
};

export function isLazyModule(id) {
  return LAZY.includes(id);
}

function lazyCode(name) {
  const functions = Object.entries(process.getBuiltinModule(name)).filter(
    ([, value]) => typeof value === "function",
  );
  return [
    `const loaded = () => process.getBuiltinModule(${JSON.stringify(name)});`,
    'const custom = Symbol.for("nodejs.util.promisify.custom");',
    ...functions.map(
      ([key]) =>
        `export function ${key}(...words) { return new.target ? new (loaded().${key})(...words) : loaded().${key}(...words); }`,
    ),
    ...functions
      .filter(([, value]) => promisify.custom in value) // execFile promises { stdout, stderr }
      .map(([key]) => `${key}[custom] = (...words) => loaded().${key}[custom](...words);`),
  ].join("\n");
}
