import { readFileSync } from "node:fs";
import { packageFile } from "./package-file.ts";

const packageJson = JSON.parse(readFileSync(packageFile("package.json"), "utf8")) as {
  version: string;
};

/** The version of DuetMind that is running. */
export const VERSION = packageJson.version;
