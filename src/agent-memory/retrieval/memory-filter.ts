import { type RawBuilder, sql } from "kysely";

/** What a search leaves out, whatever it scores. */
export type MemoryFilter = Readonly<{
  memoryTypes?: readonly string[] | undefined;
  minImportance?: number | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /** Valid then. */
  asOf: Date;
}>;

/** As a condition on the table `m`; all values are parameters. */
export function filterSql(
  filter: Omit<MemoryFilter, "asOf"> & Readonly<{ asOf: Date | RawBuilder<Date> }>,
): RawBuilder<boolean> {
  const { memoryTypes, minImportance, since, until, metadata, asOf } = filter;
  const conditions = [
    sql`m.superseded_by IS NULL`,
    sql`(m.valid_from IS NULL OR m.valid_from <= ${asOf})`,
    sql`(m.valid_to IS NULL OR m.valid_to > ${asOf})`,
  ];
  if (memoryTypes !== undefined) {
    conditions.push(sql`m.memory_type = ANY (${memoryTypes}::text[])`);
  }
  if (minImportance !== undefined) conditions.push(sql`m.importance_score >= ${minImportance}`);
  if (since !== undefined) conditions.push(sql`m.created_at >= ${since}`);
  if (until !== undefined) conditions.push(sql`m.created_at < ${until}`);
  if (metadata !== undefined) {
    conditions.push(sql`m.metadata @> ${JSON.stringify(metadata)}::jsonb`);
  }
  return sql`${sql.join(conditions, sql` AND `)}`;
}

/** Whether it may leave out most of what is found, so that it has a part in the search itself. */
export function isNarrow(filter: Omit<MemoryFilter, "asOf">): boolean {
  const { memoryTypes, minImportance, since, until, metadata } = filter;
  return [memoryTypes, minImportance, since, until, metadata].some((each) => each !== undefined);
}
