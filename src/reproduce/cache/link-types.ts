import { chmodSync, constants, copyFileSync, linkSync, symlinkSync } from "node:fs";
import { DuetMindError } from "../../core/errors.ts";

/** How the workspace and the cache share a file, DVC's `cache.type`. */
export const LINK_TYPES = ["reflink", "hardlink", "symlink", "copy"] as const;
export type LinkType = (typeof LINK_TYPES)[number];

export const DEFAULT_LINK_TYPES: readonly LinkType[] = ["reflink", "copy"];

/** The link types that `cache.type` names, in the order in which they are tried. */
export function parseLinkTypes(setting: string | undefined): readonly LinkType[] {
  if (setting === undefined || setting.trim() === "") return DEFAULT_LINK_TYPES;
  return setting.split(",").map((part) => {
    const name = part.trim().toLowerCase();
    const type = LINK_TYPES.find((known) => known === name);
    if (type !== undefined) return type;
    throw new DuetMindError(
      "CONFIG_INVALID",
      `.dvc/config: cache.type: expected ${LINK_TYPES.join(", ")}, got "${part.trim()}"`,
      { file: ".dvc/config", path: "cache.type" },
    );
  });
}

/** What says that the file system, or the pair of them, has no such link. */
const UNSUPPORTED = new Set([
  ...["ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV", "EINVAL", "ENOTTY", "EMLINK", "EPERM", "EACCES"],
]);

/**
 * Makes links of the types in their order. A type that fails once because the file system has none is
 * not tried again: each try costs as much as a small copy.
 */
export type Linker = Readonly<{
  /** Makes `to` share the content of `from`; null when only a copy is left to make. */
  link(from: string, to: string): Exclude<LinkType, "copy"> | null;
}>;

export function createLinker(types: readonly LinkType[]): Linker {
  const usable = new Set<LinkType>(types);
  return {
    link(from, to) {
      for (const type of types) {
        if (type === "copy") return null;
        if (!usable.has(type)) continue;
        try {
          LINKS[type](from, to);
          return type;
        } catch (error) {
          if (!UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
          usable.delete(type);
        }
      }
      if (types.includes("copy")) return null;
      throw new DuetMindError(
        "NOT_SUPPORTED",
        `.dvc/config: cache.type: expected a link that this file system has, got ${types.join(", ")}`,
        { file: ".dvc/config", path: "cache.type", hint: "add copy to cache.type" },
      );
    },
  };
}

const LINKS = {
  reflink: (from: string, to: string) => copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE),
  hardlink: (from: string, to: string) => linkSync(from, to),
  symlink: (from: string, to: string) => symlinkSync(from, to),
} as const;

/** Gives a file the mode that a new one has, and the right to run where it is asked for. */
export function setWorkspaceMode(path: string, isExecutable: boolean): void {
  chmodSync(path, (0o666 & ~process.umask()) | (isExecutable ? 0o100 : 0));
}
