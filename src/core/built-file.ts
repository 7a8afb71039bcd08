import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { packageFile } from "./package-file.ts";

/**
 * A file of dist/, also when this runs from source under tsx or vitest: worker threads and the
 * database snapshot exist only there. A build that is not in its place yet uses its own files.
 */
export function builtFile(name: string): string {
  const [folder] = relative(packageFile("."), fileURLToPath(import.meta.url)).split(sep);
  return packageFile(`${folder === "src" ? "dist" : folder}/${name}`);
}
