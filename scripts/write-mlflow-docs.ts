// Writes the list of routes in docs/mlflow.md from the routes themselves.
import { readFileSync, writeFileSync } from "node:fs";
import { withRoutes } from "./mlflow-routes.ts";

const page = new URL("../docs/mlflow.md", import.meta.url);
writeFileSync(page, withRoutes(readFileSync(page, "utf8")));
