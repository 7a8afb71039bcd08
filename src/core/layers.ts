/**
 * Settings in layers: each later layer wins, value by value, and the origin of each value is kept so
 * that `duetmind config` can say where it came from. Lists are values: they replace, never merge.
 */
export type Tree = Readonly<Record<string, unknown>>;

export type Layer = Readonly<{ origin: string; values: Tree }>;

export type Merged = Readonly<{
  values: Tree;
  /** Dotted path of each leaf → origin of the layer that set it. */
  origins: ReadonlyMap<string, string>;
}>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function mergeLayers(layers: readonly Layer[]): Merged {
  const origins = new Map<string, string>();
  let values: Tree = {};
  for (const layer of layers) {
    values = mergeTrees(values, layer.values);
    for (const [path] of leaves(layer.values)) {
      for (const known of origins.keys()) {
        if (known.startsWith(`${path}.`)) origins.delete(known);
      }
      origins.set(path, layer.origin);
    }
  }
  return { values, origins };
}

function mergeTrees(base: Tree, over: Tree): Tree {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTree(below) && isTree(value) ? mergeTrees(below, value) : value;
  }
  return merged;
}

/** Every leaf of a tree with its dotted path; an empty object or list is a leaf. */
export function leaves(tree: Tree, prefix = ""): [path: string, value: unknown][] {
  return Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    return isTree(value) && Object.keys(value).length > 0 ? leaves(value, path) : [[path, value]];
  });
}

/** A tree with one leaf, `("a.b", 1)` → `{ a: { b: 1 } }`. */
export function treeOf(path: string, value: unknown): Tree {
  return path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}
