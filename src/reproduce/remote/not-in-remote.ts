import { relative } from "node:path";
import type { Effects } from "../../core/effects.ts";
import type { ObjectKind } from "../cache/object-cache.ts";
import { configText } from "../files/dvc-config.ts";
import { type LockFiles, recordedEntry } from "../files/lock-file.ts";
import type { Repository } from "../files/repository.ts";
import { resolvePath, type Stage } from "../pipeline/stage.ts";
import { openRemotes, type RemoteChoice } from "./open-remotes.ts";
import { objectKey } from "./remote-store.ts";

type Recorded = Readonly<{ stages: readonly Stage[]; locks: LockFiles }>;

/**
 * Of recorded data, path from the root → md5, what the remote lacks that is to have it; data that is not
 * to be pushed is left out. Where there is no remote, that is all of it.
 */
export async function notInRemote(
  data: ReadonlyMap<string, string>,
  recorded: Recorded,
  repository: Repository,
  choice: RemoteChoice,
  effects: Effects,
): Promise<readonly string[]> {
  const places = pushPlaces(recorded, repository);
  const remotes = openRemotes(repository.config, choice, effects);
  const fallback = choice.remote ?? configText(repository.config, "core", "remote") ?? null;
  const asked = new Map<string | null, Map<string, string>>();
  for (const [path, md5] of data) {
    const place = placeOf(path, places);
    if (place === undefined) continue;
    const remote = (place.remote ?? fallback)?.toLowerCase() ?? null;
    const keys = asked.get(remote) ?? new Map<string, string>();
    asked.set(remote, keys.set(path, objectKey(md5, place.kind)));
  }
  const lacking = new Set<string>();
  for (const [name, keys] of asked) {
    const there =
      name === null ? new Map() : await (await remotes.open(name)).find([...keys.values()]);
    for (const [path, key] of keys) if (!there.has(key)) lacking.add(path);
  }
  return [...data.keys()].filter((path) => lacking.has(path));
}

type Place = Readonly<{ remote: string | null; kind: ObjectKind }>;

/** The outs that are to be pushed: path from the root → where to. */
function pushPlaces({ stages, locks }: Recorded, { root }: Repository): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const stage of stages) {
    const entry = recordedEntry(stage, locks);
    for (const { path, push, isCached, remote } of stage.outs) {
      if (!push || !isCached) continue;
      const kind = entry?.outs.get(path)?.isLegacy === true ? "legacy" : "md5";
      places.set(relative(root, resolvePath(stage, path)), { remote, kind });
    }
  }
  return places;
}

function placeOf(path: string, places: ReadonlyMap<string, Place>): Place | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/")))) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return undefined;
}
