import {
  type Filter,
  filter,
  type Metric,
  orderBy,
  type Pages,
  type Run,
  type TrackingClient,
} from "../../src/client/create-tracking-client.ts";

/** Fails to compile where two types are not the same one. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ["expected the same type"]): void {}

export function check(client: TrackingClient): void {
  const experimentIds = ["1"];

  // what a filter knows is what all its parts know
  const auc = filter.metric("auc").gt(0.9);
  same<typeof auc, Filter<"runs" | "loggedModels">>();
  const started = auc.and(filter.run("startTime").gte(new Date(0)));
  same<typeof started, Filter<"runs">>();
  const nothing = filter.run("status").eq("FAILED").and(filter.experiment("name").eq("a"));
  same<typeof nothing, Filter<never>>();

  client.runs.search({ experimentIds, filter: started });
  client.runs.search({ experimentIds, filter: auc, orderBy: [orderBy.metric("auc").desc()] });
  client.loggedModels.search({ experimentIds, filter: auc });
  client.experiments.search({ filter: filter.tag("team").isNull() });
  client.modelVersions.search({ filter: filter.tag("a").like("b%") });
  client.runs.search({ experimentIds, filter: "metrics.auc > 0.9" });

  // @ts-expect-error a filter for runs is none for experiments
  client.experiments.search({ filter: started });
  // @ts-expect-error no search knows both parts
  client.runs.search({ experimentIds, filter: nothing });
  // @ts-expect-error the registry cannot ask for what is absent
  client.modelVersions.search({ filter: filter.tag("a").isNull() });
  // @ts-expect-error runs cannot be sorted by attributes of experiments
  client.runs.search({ experimentIds, orderBy: [orderBy.experiment("creationTime").asc()] });
  // @ts-expect-error nothing sorts by a param but runs
  client.loggedModels.search({ experimentIds, orderBy: [orderBy.param("a").asc()] });
  // @ts-expect-error a metric is a number
  filter.metric("auc").eq("0.9");
  // @ts-expect-error a number has no LIKE
  filter.metric("auc").like("0%");
  // @ts-expect-error no such attribute
  filter.run("name");
  // @ts-expect-error versions are sorted by it, not filtered
  filter.modelVersion("creationTimestamp");
  // @ts-expect-error a name of runs cannot be listed
  filter.run("runName").in(["a"]);

  same<ReturnType<TrackingClient["runs"]["search"]>, Pages<Run>>();
  same<Run["metrics"], Readonly<Record<string, Metric>>>();
  same<Run["startTime"], Date>();
  same<Metric["step"], number | bigint>();
  same<
    Awaited<
      ReturnType<TrackingClient["artifacts"]>["download"] extends (...args: never) => infer R
        ? R
        : never
    >,
    Response
  >();
  // @ts-expect-error a run does not end as RUNNING
  void client.runs.resume("r").then((run) => run.end("RUNNING"));
}
