// One statement through DuckDB's own Node API, with its defaults: what a person would write by hand.
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
const result = await connection.run(process.argv[2]);
process.stdout.write(`${JSON.stringify(await result.getRowsJson())}\n`);
connection.closeSync();
instance.closeSync();
