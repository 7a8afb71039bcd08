import { fileURLToPath } from "node:url";

/**
 * A file of dist/, also when this runs from source under tsx or vitest: worker threads and the
 * database snapshot exist only there.
 */
export function builtFile(name: string): string {
  const here = fileURLToPath(import.meta.url);
  const dist = here.endsWith(".ts") ? "../../dist/" : "../";
  return fileURLToPath(new URL(`${dist}${name}`, import.meta.url));
}
