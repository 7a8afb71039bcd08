// A process of its own: opens the database of a folder, writes `count` metrics of one run and closes it,
// which takes the daily dump, so that a test can kill it on the way. argv: root, count.
const dist = new URL("../../dist/", import.meta.url);
const { openDatabase } = await import(new URL("store/database.js", dist).href);
const { databaseParams } = await import(new URL("store/params.js", dist).href);
const { realEffects } = await import(new URL("core/effects.js", dist).href);
const { sql } = await import("kysely");

const [root, count] = process.argv.slice(2);
const params = databaseParams.parse({});
const database = await openDatabase({ root, env: {}, params, effects: realEffects });
if (Number(count) > 0) {
  await sql`INSERT INTO runs (run_id, experiment_id, run_name, status, artifact_uri)
    VALUES ('r', 0, 'r', 'RUNNING', 'u')`.execute(database.kysely);
  await sql`INSERT INTO metrics SELECT 'r', 'm', g, g, random()
    FROM generate_series(1, ${Number(count)}::int) g`.execute(database.kysely);
}
process.stdout.write("closing\n");
await database.close();
process.stdout.write("closed\n");
