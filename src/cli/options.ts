import { Option } from "commander";

/** `--set section.key=value`, repeatable: the last word on a setting. */
export function setOption(): Option {
  return new Option("--set <section.key=value>", "override a setting of params.yaml; repeatable")
    .argParser<string[]>((value, previous) => [...(previous ?? []), value])
    .default([] as string[], "none");
}
