import { filter, type Run, type TrackingClient } from "../../src/client/create-tracking-client.ts";

/** In an order of our own, where a server promises none. */
function by<T>(items: readonly T[], key: (item: T) => string | number): readonly T[] {
  return items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Everything of a server, without what must differ: numbers of experiments, marks of the import. */
export async function serverContents(client: TrackingClient) {
  const experiments = await client.experiments.search({ viewType: "ALL" }).toArray();
  const names = new Map(experiments.map(({ experimentId, name }) => [experimentId, name]));
  const named = (text: string) =>
    text.replace(/^(mlflow-artifacts:\/)(\d+)/, (_, scheme, id) => `${scheme}${names.get(id)}`);
  const unmarked = (tags: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith("duetmind.")));
  const filesOf = async (uri: string) => {
    const files: [string, string][] = [];
    for await (const { path } of client.artifacts(uri).walk()) {
      files.push([path, await (await client.artifacts(uri).download(path)).text()]);
    }
    return files;
  };
  const runOf = async (run: Run) => ({
    ...run,
    experimentId: names.get(run.experimentId),
    artifactUri: named(run.artifactUri),
    tags: unmarked(run.tags),
    datasets: by(run.datasets, ({ name, digest }) => name + digest),
    histories: await Promise.all(
      Object.keys(run.metrics)
        .sort()
        .map((key) => client.runs.metricHistory(run.runId, key).toArray()),
    ),
    files: await filesOf(run.artifactUri),
  });
  const experimentIds = [...names.keys()];
  const runs = await client.runs.search({ experimentIds, viewType: "ALL" }).toArray();
  const logged = await client.loggedModels.search({ experimentIds }).toArray();
  const prompts = { filter: filter.tag("mlflow.prompt.is_prompt").eq("true") };
  const both = async <T>(search: (o?: typeof prompts) => { toArray(): Promise<readonly T[]> }) => [
    ...(await search().toArray()),
    ...(await search(prompts).toArray()),
  ];
  const models = await both(client.registeredModels.search);
  const versions = await both(client.modelVersions.search);
  const version = (each: (typeof versions)[number]) => ({
    ...each,
    aliases: [], // MLflow's searches leave them out; those of the model say the same
    source: named(each.source),
    tags: unmarked(each.tags),
  });
  return {
    experiments: experiments
      .map(({ experimentId: _, ...each }) => ({
        ...each,
        artifactLocation: named(each.artifactLocation),
        tags: unmarked(each.tags),
        ...(each.name === "Default" ? { creationTime: 0, lastUpdateTime: 0 } : {}),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    runs: await Promise.all(runs.map(runOf)),
    logged: await Promise.all(
      logged.map(async (each) => ({
        ...each,
        experimentId: names.get(each.experimentId),
        artifactUri: named(each.artifactUri),
        tags: unmarked(each.tags),
        metrics: by(each.metrics, ({ key }) => key),
        files: await filesOf(each.artifactUri),
      })),
    ),
    models: models.map((each) => ({
      ...each,
      tags: unmarked(each.tags),
      latestVersions: by(each.latestVersions, (one) => one.version).map(version),
    })),
    versions: versions.map(version),
  };
}
