import { type ConnectionTarget, parseConnectionUrl } from "../core/connection-url.ts";
import type { Environment } from "../core/environment.ts";
import { DuetMindError } from "../core/errors.ts";

/** The server whose address the environment holds under a name; its scheme says of which kind. */
export function serverTarget(
  subject: string,
  variable: string,
  env: Environment,
): ConnectionTarget {
  const address = env[variable];
  if (address === undefined || address === "") {
    throw new DuetMindError(
      "CONFIG_INVALID",
      `${subject}.database.url: expected the environment to have ${variable}, got nothing`,
      { hint: `put ${variable}=postgres://user:password@host:port/database into .env` },
    );
  }
  return parseConnectionUrl(address, { variable, servers: ["postgresql", "mysql"] });
}
