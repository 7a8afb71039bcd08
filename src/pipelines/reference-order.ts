import { DuetMindError } from "../core/errors.ts";

type Referring = Readonly<{ name: string; references: readonly string[] }>;

/**
 * Datasets in an order in which each follows those that its foreign keys look into, else in their own.
 * Throws CONFIG_INVALID for datasets that refer to each other; to itself a dataset may refer.
 */
export function inReferenceOrder<T extends Referring>(datasets: readonly T[]): readonly T[] {
  const byName = new Map(datasets.map((dataset) => [dataset.name, dataset]));
  const ordered = new Set<T>();
  const visit = (dataset: T, path: readonly string[]): void => {
    if (ordered.has(dataset)) return;
    const { name } = dataset;
    if (path.includes(name)) {
      const circle = [...path.slice(path.indexOf(name)), name].join(" → ");
      throw new DuetMindError(
        "CONFIG_INVALID",
        `params.yaml: contracts.raw: expected datasets that do not refer to each other, got ${circle}`,
        { file: "params.yaml", path: "contracts.raw" },
      );
    }
    for (const other of dataset.references) {
      const found = byName.get(other);
      if (found !== undefined && found !== dataset) visit(found, [...path, name]);
    }
    ordered.add(dataset);
  };
  for (const dataset of datasets) visit(dataset, []);
  return [...ordered];
}
