import { isAbsolute, resolve } from "node:path";

/**
 * A place of artifacts that says the same to every reader: a relative path, bare or of a file: URI,
 * starts from the folder. Whatever else there is stays as it is.
 */
export function absoluteLocation(location: string, folder: string): string {
  const [, scheme = "", path = ""] = /^(file:|(?![a-z][a-z0-9+.-]+:))(.+)$/is.exec(location) ?? [];
  if (path === "" || isAbsolute(path)) return location;
  return `${scheme === "" ? "" : "file://"}${resolve(folder, path)}`;
}
