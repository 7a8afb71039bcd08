import type { Effects } from "../../core/effects.ts";
import type { Environment } from "../../core/environment.ts";
import type { DvcConfig } from "../files/dvc-config.ts";
import { chooseRemoteName, parseRemote } from "./remote-settings.ts";
import { openRemote, type RemoteStore } from "./remote-store.ts";

export type RemoteChoice = Readonly<{
  /** The name that was asked for; null: the default one. */
  remote: string | null;
  jobs: number | null;
  env: Environment;
}>;

/** The remotes of the configuration, each opened once, when it is first needed. */
export function openRemotes(config: DvcConfig, choice: RemoteChoice, effects: Effects) {
  const open = new Map<string, Promise<RemoteStore>>();
  return {
    /** The remote that was asked for, or the default one; there may be none. */
    chosenName: () => chooseRemoteName(config, choice.remote),
    open(name: string): Promise<RemoteStore> {
      const known = open.get(name);
      if (known !== undefined) return known;
      const settings = parseRemote(config, name, choice.env);
      const opened = openRemote(settings, choice.jobs, effects);
      open.set(name, opened);
      return opened;
    },
  };
}
