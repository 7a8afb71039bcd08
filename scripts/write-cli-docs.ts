// Writes docs/cli.md from the commands' own help, so that the page cannot lie.
import { writeFileSync } from "node:fs";
import { cliPage } from "./cli-page.ts";

writeFileSync(new URL("../docs/cli.md", import.meta.url), await cliPage());
