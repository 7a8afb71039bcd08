import { type Field, missing, text } from "./message.ts";

/** A run is named by `run_id`, or by `run_uuid` as old clients do. */
export const runFields = { run_id: text, run_uuid: text } as const satisfies Record<
  string,
  Field<string | undefined>
>;

type RunFields = Readonly<{ run_id: string | undefined; run_uuid: string | undefined }>;

export function runIdOf({ run_id, run_uuid }: RunFields): string {
  return run_id || run_uuid || missing("run_id");
}
