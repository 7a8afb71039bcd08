import { passClosedPipe } from "./closed-pipe.ts";
import { runCli } from "./run.ts";

// The S3 client tells users of Node 20 when later releases of it will end their support: that is for
// us to read, not for them.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

for (const stream of [process.stdout, process.stderr]) stream.on("error", passClosedPipe);

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
