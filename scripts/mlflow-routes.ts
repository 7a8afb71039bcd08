import { MLFLOW_ROUTES } from "../src/server/mlflow/add-mlflow.ts";
import type { MlflowRoute } from "../src/server/mlflow/route.ts";

const BEGIN = "<!-- routes: written by scripts/write-mlflow-docs.ts -->";
const END = "<!-- end of routes -->";

/** docs/mlflow.md with its list of routes made new. */
export function withRoutes(page: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`docs/mlflow.md: expected ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n\n${routeTable()}\n\n${END}${after}`;
}

function routeTable(): string {
  const rows = MLFLOW_ROUTES.map(
    (route) => `| ${route.method} | \`${pathOf(route)}\` | ${placesOf(route)} | ${route.scope} |`,
  );
  return ["| method | call | below | needs |", "|---|---|---|---|", ...rows].join("\n");
}

function pathOf(route: MlflowRoute): string {
  return route.atRoot === true ? route.path : `${route.version ?? "2.0"}${route.path}`;
}

function placesOf(route: MlflowRoute): string {
  if (route.atRoot === true) return "the server's root";
  return route.ajaxOnly === true ? "`/ajax-api/`" : "`/api/`, `/ajax-api/`";
}
