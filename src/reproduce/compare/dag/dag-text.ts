import { type Dag, dagEdges, dagParts } from "./dag.ts";

/** A flow chart in the language of mermaid, as DVC prints it. */
export function toMermaid(dag: Dag): string {
  const lines = ["flowchart TD"];
  const ids = new Map<string, string>();
  for (const part of dagParts(dag)) {
    for (const node of part.keys()) {
      ids.set(node, `node${ids.size + 1}`);
      lines.push(`\t${ids.get(node)}["${node}"]`);
    }
    for (const [from, to] of dagEdges(part)) lines.push(`\t${ids.get(from)}-->${ids.get(to)}`);
  }
  return lines.join("\n");
}

/** The flow chart in a block of Markdown. */
export function toMermaidBlock(dag: Dag): string {
  return `\`\`\`mermaid\n${toMermaid(dag)}\n\`\`\``;
}

/** The graph in the language of Graphviz, as DVC prints it: nodes and edges in the order of collection. */
export function toDot(dag: Dag): string {
  const quoted = (node: string) =>
    node.startsWith('"') || node.endsWith('"') ? node : `"${node}"`;
  const nodes = [...dag.keys()];
  const edges = nodes.flatMap((from) =>
    nodes.filter((to) => dag.get(to)!.has(from)).map((to) => `${quoted(from)} -> ${quoted(to)};`),
  );
  return ["strict digraph {", ...nodes.map((node) => `${quoted(node)};`), ...edges, "}", ""].join(
    "\n",
  );
}

/** `{"nodes": […], "edges": [[from, to]]}`, in the order of the flow chart. */
export function toDagJson(dag: Dag) {
  const parts = dagParts(dag);
  return {
    nodes: parts.flatMap((part) => [...part.keys()]),
    edges: parts.flatMap(dagEdges),
  };
}
