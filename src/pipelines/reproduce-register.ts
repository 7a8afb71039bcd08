import { isS3Address } from "../artifacts/s3-address.ts";
import type { Effects } from "../core/effects.ts";
import type { Environment } from "../core/environment.ts";
import { toTable } from "../core/text-table.ts";
import { type BaseProject, loadBaseProject } from "./project.ts";
import type { Registered } from "./register-import.ts";
import { type RegisteredRecord, registerRecords } from "./register-records.ts";
import { trainRecord } from "./train-record.ts";

/** What a project's stages have made, by the versions they are registered as. */
export type Made = Readonly<{
  registered: readonly Registered[];
  /** For people: the versions, the metrics, where to look and what to do next. */
  text: string;
}>;

/** Registers what the stages of a project recorded. */
export async function registerReproduced(
  folder: string,
  env: Environment,
  effects: Effects,
): Promise<Made> {
  const project = await loadBaseProject(folder, env, effects);
  const records = await registerRecords(project, effects);
  const registered = records.flatMap((record) => record.registered);
  return { registered, text: toText(project, records) };
}

function toText(project: BaseProject, records: readonly RegisteredRecord[]): string {
  const rows = records.flatMap(({ imported, registered }) =>
    registered.map((one) => [
      one.kind.replace("_", " "),
      `${one.name}@${one.version}`,
      one.status ?? "",
      imported && one.created ? "new" : "",
    ]),
  );
  if (rows.length === 0) return "";
  const parts = [toTable(["registered", "version", "status", ""], rows)];
  for (const { record, registered } of records) {
    const model = registered.find(({ kind }) => kind === "model");
    if (record.stage !== "train" || model === undefined) continue;
    parts.push(describeModel(project, record.text, model));
  }
  return parts.join("\n\n");
}

const SHOWN_METRICS = ["accuracy", "roc_auc", "rmse", "r2"];

function describeModel(project: BaseProject, text: string, model: Registered): string {
  const { metrics, decision } = trainRecord.parse(JSON.parse(text));
  const shown = SHOWN_METRICS.flatMap((name) => {
    const value = metrics.test[name];
    return value === undefined ? [] : [`${name} ${value.toFixed(4)}`];
  });
  const folder = `${project.params.data.models}/${model.name}`;
  const version = `${model.name}@${model.version}`;
  const { sources, features } = project.params;
  const path = sources[features?.source ?? Object.keys(sources)[0] ?? ""]?.path;
  const source = path === undefined || isS3Address(path) ? "FILE" : path;
  return [
    `${version}: ${decision.status}, test ${shown.join(", ")}`,
    ...decision.reasons.map((reason) => `  ${reason}`),
    `look at ${folder}/metrics.json and ${folder}/plots`,
    "next:",
    `  duetmind show ${version}`,
    `  duetmind predict ${version} --data ${source} --out predictions.csv`,
    `  duetmind verify ${version}`,
  ].join("\n");
}
