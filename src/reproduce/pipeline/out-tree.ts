import { DuetMindError } from "../../core/errors.ts";
import { resolvePath, type Stage, shownPath, stageSubject } from "./stage.ts";

/** The outs of a repository by the folders of their paths: what a path meets is found in its length. */
export type OutTree = Readonly<{ root: Node }>;

/** Who makes an out. */
export type Made = Readonly<{ path: string; stage: Stage }>;

type Node = { made: Made | null; readonly inner: Map<string, Node> };

/** Refuses an out of two stages, and outs inside each other. */
export function growOutTree(stages: readonly Stage[], root: string): OutTree {
  const tree: OutTree = { root: { made: null, inner: new Map() } };
  for (const stage of stages) {
    for (const out of stage.outs) put(tree, { path: resolvePath(stage, out.path), stage }, root);
  }
  return tree;
}

function put(tree: OutTree, made: Made, root: string): void {
  let node = tree.root;
  for (const part of made.path.split("/")) {
    if (node.made !== null) throw overlap(made, made, node.made, root);
    let next = node.inner.get(part);
    if (next === undefined) {
      next = { made: null, inner: new Map() };
      node.inner.set(part, next);
    }
    node = next;
  }
  if (node.made !== null) throw overlap(made, made, node.made, root);
  const [inner] = madeInside(node);
  if (inner !== undefined) throw overlap(inner, made, inner, root);
  node.made = made;
}

/** What the stages make of a path: the out that holds it, itself, and the outs inside it. */
export function outsAt(tree: OutTree, path: string): Made[] {
  const found: Made[] = [];
  let node: Node | undefined = tree.root;
  for (const part of path.split("/")) {
    node = node.inner.get(part);
    if (node === undefined) return found;
    if (node.made !== null) found.push(node.made);
  }
  for (const made of madeInside(node)) if (!found.includes(made)) found.push(made);
  return found;
}

function* madeInside(start: Node): Iterable<Made> {
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.made !== null) yield node.made;
    open.push(...[...node.inner.values()].reverse());
  }
}

/** Refuses an out that holds a dvc.yaml or .dvc file: it is removed before its stage runs. */
export function refuseHeldFiles(tree: OutTree, stages: readonly Stage[], root: string): void {
  for (const file of new Set(stages.map((stage) => stage.file))) {
    const [holder] = outsAt(tree, file);
    if (holder === undefined) continue;
    throw new DuetMindError(
      "DVC_YAML_GRAPH",
      `${stageSubject(holder.stage)}: expected outs that hold no stages, got "${shownPath(root, holder.path)}", which holds ${shownPath(root, file)}`,
      placeOf(holder.stage, root),
    );
  }
}

/** `path` is the out that stands in the way of another one. */
function overlap({ path }: Made, added: Made, known: Made, root: string): DuetMindError {
  const [stage, other] = [added.stage, known.stage];
  const shown = shownPath(root, path);
  return new DuetMindError(
    "DVC_YAML_GRAPH",
    stage === other
      ? `${stageSubject(stage)}: expected outs that do not overlap, got "${shown}" twice or inside another`
      : `${fileOf(stage, other, root)}: expected each out in one stage, got "${shown}" in "${other.address}" and "${stage.address}"`,
    placeOf(stage, root),
  );
}

function fileOf(stage: Stage, other: Stage, root: string): string {
  const [file, second] = [shownPath(root, stage.file), shownPath(root, other.file)];
  return file === second ? file : `${second}, ${file}`;
}

/** Where a message about a stage leads: its file, and its key in a dvc.yaml. */
export function placeOf(
  { file, name }: Stage,
  root: string,
): Readonly<{ file: string; path?: string }> {
  return { file: shownPath(root, file), ...(name === null ? {} : { path: `stages.${name}` }) };
}
