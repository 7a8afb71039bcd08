// A process of its own: opens the database of a folder and inserts rows, one transaction each, so that
// tests can start several at once. argv: root, name, count, seconds to wait for the lock.
const dist = new URL("../../dist/", import.meta.url);
const { openDatabase } = await import(new URL("store/database.js", dist).href);
const { databaseParams } = await import(new URL("store/params.js", dist).href);
const { realEffects } = await import(new URL("core/effects.js", dist).href);

const [root, name, count, seconds] = process.argv.slice(2);
const options = { root, env: {}, params: databaseParams.parse({}), effects: realEffects };
try {
  const database = await openDatabase({ ...options, waitMs: Number(seconds) * 1000 });
  process.stdout.write("open\n");
  for (let i = 0; i < Number(count); i += 1) {
    await database.transaction(async (db) => {
      const row = { name: `${name}-${i}`, artifact_location: name, created_at: new Date() };
      await db
        .insertInto("experiments")
        .values({ ...row, updated_at: new Date() })
        .execute();
      await db
        .insertInto("model_registry")
        .values({
          ...row,
          id: crypto.randomUUID(),
          updated_at: new Date(),
          artifact_location: undefined,
        })
        .execute();
    });
    process.stdout.write(`${name}-${i}\n`);
  }
  await database.close();
} catch (error) {
  process.stdout.write(`error ${error.code} ${error.message}\n`);
  process.exitCode = 1;
}
