import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { realEffects } from "../../../src/core/effects.ts";
import { storeOut } from "../../../src/reproduce/cache/store-out.ts";
import { openRepository, type Repository } from "../../../src/reproduce/files/repository.ts";
import { EVERY_OUT } from "../../../src/reproduce/pipeline/select-outs.ts";
import type { TransferOptions } from "../../../src/reproduce/remote/transfer.ts";
import { createFolder, type TestFolder } from "../cache/test-folder.ts";

export const OPTIONS: TransferOptions = {
  ...EVERY_OUT,
  remote: null,
  jobs: null,
  runCache: false,
  env: {},
};

export const md5 = (content: string) => createHash("md5").update(content).digest("hex");

/** Where a remote or a cache keeps what has this content. */
export const objectOf = (content: string) =>
  `files/md5/${md5(content).slice(0, 2)}/${md5(content).slice(2)}`;

export type RemoteProject = Readonly<{
  folder: TestFolder;
  repository: Repository;
  /** Reads configuration and .dvc files again. */
  reopen(): Promise<Repository>;
}>;

/** A repository `r` of outs that are stored in its cache, and an empty folder remote `store` beside it. */
export async function createRemoteProject(
  outs: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
  config = "",
): Promise<RemoteProject> {
  const folder = createFolder({
    "r/.dvc/config": `[core]\n    remote = store\n['remote "store"']\n    url = ../../store\n${config}`,
  });
  const reopen = () => openRepository(folder.at("r"), {}, realEffects);
  const repository = await reopen();
  for (const [name, content] of Object.entries(outs)) {
    if (typeof content === "string") folder.write(`r/${name}`, content);
    else {
      for (const [path, text] of Object.entries(content)) folder.write(`r/${name}/${path}`, text);
    }
    const state = await storeOut(join(repository.root, name), null, repository);
    const nfiles = state.entries === undefined ? "" : `  nfiles: ${state.entries.length}\n`;
    folder.write(
      `r/${name}.dvc`,
      `outs:\n- md5: ${state.md5}\n  size: ${state.sizeBytes}\n${nfiles}  hash: md5\n  path: ${basename(name)}\n`,
    );
  }
  return { folder, repository, reopen };
}
