import { type Document, isAlias, isMap, isScalar, isSeq, type Node } from "yaml";

/** What is wrong with a document as such, and where. */
export type DocumentProblem = Readonly<{ offset: number; message: string }>;

/** More values than this, aliases counted with what they stand for, are an attack and no contract. */
const MOST_VALUES = 10_000_000;

/**
 * Finds what a YAML parser lets through or is slow to find: a key that is given twice, one that would
 * be the prototype of an object, and aliases that stand for themselves or multiply without end.
 */
export function findDocumentProblem(document: Document): DocumentProblem | undefined {
  const sizes = new Map<Node, number>();
  const open = new Set<Node>();
  let problem: DocumentProblem | undefined;

  function refuse(node: Node, message: string): number {
    problem ??= { offset: node.range?.[0] ?? 0, message };
    return 0;
  }

  /** How many values a node stands for. */
  function measure(node: Node | null | undefined): number {
    if (problem !== undefined || node === null || node === undefined) return 0;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) return refuse(node, `expected an anchor &${node.source}, got none`);
      if (open.has(target)) return refuse(node, `expected no alias of itself, got *${node.source}`);
      const size = measure(target);
      return size > MOST_VALUES
        ? refuse(node, "expected a contract, got aliases without end")
        : size;
    }
    const known = sizes.get(node);
    if (known !== undefined) return known;
    open.add(node);
    const size = 1 + sizeInside(node);
    open.delete(node);
    sizes.set(node, size);
    return size;
  }

  function sizeInside(node: Node): number {
    if (isSeq(node))
      return node.items.reduce<number>((sum, item) => sum + measure(item as Node), 0);
    if (!isMap(node)) return 0;
    const keys = new Set<string>();
    let size = 0;
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      if (keys.has(name)) return refuse(key as Node, `expected each key once, got "${name}" twice`);
      if (name === "__proto__") return refuse(key as Node, `expected another key, got "${name}"`);
      if (isScalar(key) && name !== "<<") keys.add(name);
      size += measure(value as Node | null);
    }
    return size;
  }

  const size = measure(document.contents as Node | null);
  if (size > MOST_VALUES)
    refuse(document.contents as Node, "expected a contract, got aliases without end");
  return problem;
}
