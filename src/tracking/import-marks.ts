import type { Entry } from "./log-batch.ts";

/** The address of the server that something was imported from: written first, with the thing itself. */
export const IMPORTED_FROM = "duetmind.imported_from";

/** How much of it is here: written last, so that an import that was cut short goes on from there. */
export const IMPORTED = "duetmind.imported";

/** What is here of something: all but its files, or those too. */
export type ImportState = "data" | "data, files";

/** What is known of something with this id: where it came from, and how much of it is here. */
export type Imported = Readonly<{ from: string | undefined; state: ImportState | undefined }>;

export function importedOf(tags: readonly Entry[]): Imported {
  const find = (key: string) => tags.find((tag) => tag.key === key)?.value;
  const state = find(IMPORTED);
  return {
    from: find(IMPORTED_FROM),
    state: state === "data" || state === "data, files" ? state : undefined,
  };
}
