import { sql } from "kysely";
import type { Clock } from "../core/clock.ts";
import { uuidV7 } from "../core/ids.ts";
import type { Database } from "../store/database.ts";
import type { Entry } from "./log-batch.ts";

/** A dataset as a run used it; the tag mlflow.data.context says its role: training, validation, test. */
export type RunInput = Readonly<{
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  catalogId: string | null;
  tags: readonly Entry[];
}>;

export const DATA_CONTEXT_TAG = "mlflow.data.context";

/**
 * Notes the datasets that a run used; call it in a transaction. A dataset is one row for each experiment,
 * name and digest, whichever run saw it first; of tags given twice the last wins.
 */
export async function logInputs(
  db: Database,
  run: Readonly<{ runId: string; experimentId: number }>,
  given: readonly RunInput[],
  clock: Clock,
): Promise<void> {
  if (given.length === 0) return;
  const inputs = given.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)); // the order of locks
  const names = inputs.map(({ name }) => name);
  const digests = inputs.map(({ digest }) => digest);
  await sql`
    INSERT INTO duetmind.datasets (id, experiment_id, name, digest, source_type, source, schema,
      profile, catalog_id)
    SELECT n.id, ${run.experimentId}::bigint, n.name, n.digest, n.source_type, n.source, n.schema,
      n.profile, n.catalog_id
    FROM unnest(${inputs.map(() => uuidV7(clock))}::uuid[], ${names}::text[], ${digests}::text[],
      ${inputs.map(({ sourceType }) => sourceType)}::text[],
      ${inputs.map(({ source }) => source)}::text[], ${inputs.map(({ schema }) => schema)}::text[],
      ${inputs.map(({ profile }) => profile)}::text[],
      ${inputs.map(({ catalogId }) => catalogId)}::uuid[])
      AS n(id, name, digest, source_type, source, schema, profile, catalog_id)
    ON CONFLICT (experiment_id, name, digest) DO NOTHING`.execute(db);
  await sql`
    INSERT INTO duetmind.inputs (id, run_id, dataset_id)
    SELECT n.id, ${run.runId}::text, d.id
    FROM unnest(${inputs.map(() => uuidV7(clock))}::uuid[], ${names}::text[], ${digests}::text[])
      AS n(id, name, digest)
    JOIN duetmind.datasets AS d ON d.experiment_id = ${run.experimentId}::bigint
      AND d.name = n.name AND d.digest = n.digest
    ON CONFLICT (run_id, dataset_id) DO NOTHING`.execute(db);
  const tags = [
    ...new Map(
      inputs.flatMap((input) =>
        input.tags.map((tag) => [`${nameOf(input)}\0${tag.key}`, { input, ...tag }] as const),
      ),
    ).values(),
  ];
  await sql`
    INSERT INTO duetmind.input_tags (input_id, key, value)
    SELECT i.id, n.key, n.value
    FROM unnest(${tags.map(({ input }) => input.name)}::text[],
      ${tags.map(({ input }) => input.digest)}::text[], ${tags.map(({ key }) => key)}::text[],
      ${tags.map(({ value }) => value)}::text[]) AS n(name, digest, key, value)
    JOIN duetmind.datasets AS d ON d.experiment_id = ${run.experimentId}::bigint
      AND d.name = n.name AND d.digest = n.digest
    JOIN duetmind.inputs AS i ON i.run_id = ${run.runId}::text AND i.dataset_id = d.id
    ON CONFLICT (input_id, key) DO NOTHING`.execute(db);
}

function nameOf({ name, digest }: RunInput): string {
  return `${name}\0${digest}`;
}
