import type { DataChanges, DataStatus } from "./data-status.ts";

export type DataStatusShown = DataStatus &
  Readonly<{
    /** Files that git does not know; null: not asked for. */
    untracked: readonly string[] | null;
    /** What the remote lacks; null: not asked for. */
    notInRemote: readonly string[] | null;
    showUnchanged: boolean;
  }>;

/** What `dvc data status --json` prints: the keys that are not empty. */
export function toDataStatusJson(status: DataStatusShown): Readonly<Record<string, unknown>> {
  const all = {
    not_in_cache: status.notInCache,
    not_in_remote: status.notInRemote ?? [],
    committed: changesJson(status.committed),
    uncommitted: changesJson(status.uncommitted),
    untracked: status.untracked ?? [],
    unchanged: status.showUnchanged ? status.unchanged : [],
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => sizeOf(value) > 0));
}

function changesJson(changes: DataChanges | null): Readonly<Record<string, readonly unknown[]>> {
  return Object.fromEntries(Object.entries(changes ?? {}).filter(([, list]) => list.length > 0));
}

function sizeOf(value: object): number {
  return Object.keys(value).length;
}

const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  not_in_cache: ["Not in cache:", '  (use "dvc fetch <file>..." to download files)'],
  not_in_remote: ["Not in remote:", '  (use "dvc push <file>..." to upload files)'],
  committed: [
    "DVC committed changes:",
    "  (git commit the corresponding dvc files to update the repo)",
  ],
  uncommitted: [
    "DVC uncommitted changes:",
    '  (use "dvc commit <file>..." to track changes)',
    '  (use "dvc checkout <file>..." to discard changes)',
  ],
  untracked: [
    "Untracked files:",
    '  (use "git add <file> ..." or "dvc add <file>..." to commit to git or to dvc)',
  ],
  unchanged: ["DVC unchanged files:"],
};

/** What `dvc data status` prints. */
export function toDataStatusText(status: DataStatusShown, isDirty: boolean): string {
  const found = Object.entries(toDataStatusJson(status));
  const sections = found.map(([name, value]) =>
    [
      ...SECTIONS[name]!,
      ...itemLines(value as readonly string[] | Record<string, readonly unknown[]>),
    ].join("\n"),
  );
  const other = found.length > 0 ? "other " : "";
  const hint = `(there are ${other}changes not tracked by dvc, use "git status" to see)`;
  const text = found.length === 0 ? "No changes." : sections.join("\n\n");
  return isDirty ? `${text}\n${hint}` : text;
}

function itemLines(
  value: readonly string[] | Readonly<Record<string, readonly unknown[]>>,
): string[] {
  const items = isList(value)
    ? value
    : Object.entries(value).flatMap(([state, list]) =>
        list.map(
          (item) =>
            `${state}: ${typeof item === "string" ? item : Object.values(item as object).join(" -> ")}`,
        ),
      );
  return items.map((item) => `        ${item}`);
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
