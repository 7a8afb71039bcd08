import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { DuetMindError } from "../core/errors.ts";
import { digestJson } from "../core/hash.ts";
import { resolveAccess } from "./http-access.ts";
import { plainAddress } from "./http-address.ts";
import { openHttpClient } from "./http-client.ts";
import { fetchFile } from "./http-file.ts";
import type { HttpParams } from "./http-params.ts";
import { fetchRows } from "./http-rows.ts";
import { clearIncoming, readStaged } from "./http-staged.ts";
import { redactUrl } from "./http-url.ts";
import type { SyncedSource, SyncRequest } from "./sync-source.ts";

/** Fetches a source from its address, unless what was fetched before is still current. */
export async function syncHttp(
  { name, params: source, root, env, folder, since }: SyncRequest,
  params: HttpParams,
  effects: Effects,
): Promise<SyncedSource> {
  const access = resolveAccess(params, name, env);
  const plain = plainAddress(params);
  const base = new URL(plain);
  const asked = since !== null && params.since !== undefined ? since : null;
  if (asked !== null) base.searchParams.set(params.since!.param, asked);
  const { query, headers, auth, records, pages } = params;
  const { format } = source;
  const request = digestJson({ base: base.href, query, headers, auth, records, pages, format });
  clearIncoming(folder);
  const before = await readStaged(folder, request, effects);
  const client = await openHttpClient(params, access, root, effects);
  try {
    const fetch = { client, params, base, request, folder, before };
    const isRows = records !== undefined || pages !== undefined;
    const staged = isRows
      ? await fetchRows(fetch, effects)
      : await fetchFile(fetch, format, effects);
    const isEmpty = staged.parts.every((part) => part.size_bytes === 0);
    if (isEmpty && asked !== null) return { files: [], format: staged.format };
    if (isEmpty) {
      const subject = client.show(base);
      throw new DuetMindError("DATA_EMPTY", `${subject}: expected rows, got none`);
    }
    const file = { path: join(folder, staged.file), name: redactUrl(plain) };
    return { files: [file], format: staged.format };
  } finally {
    client.close();
  }
}
