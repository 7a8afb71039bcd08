/** Name in the catalog of what `features` made for a view: `alzheimer_features.labels`. */
export function processedDatasetName(view: string, part: "features" | "labels" | "split"): string {
  return `${view}.${part}`;
}
