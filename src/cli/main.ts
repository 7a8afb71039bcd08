import { setFlagsFromString } from "node:v8";
import { passClosedPipe } from "./closed-pipe.ts";
import { runCli } from "./run.ts";

// The S3 client tells users of Node 20 when later releases of it will end their support: that is for
// us to read, not for them.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

// Node 20 optimizes a function so early that a command of a third of a second spends a third of its time
// on that. Later releases count calls instead. It comes after the imports: with another setting Node
// would have to compile its own modules.
if (process.version.startsWith("v20.")) setFlagsFromString("--interrupt-budget=500000");

for (const stream of [process.stdout, process.stderr]) stream.on("error", passClosedPipe);

void runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdin: () => process.stdin, // making it takes longer than reading a small repository
  stdout: process.stdout,
  stderr: process.stderr,
}).then((status) => {
  process.exitCode = status; // not awaited at the top: CommonJS, which the build is, cannot
});
