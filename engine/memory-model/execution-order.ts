import type { Graph, Node } from '../graph/graph.js';

/**
 * A graph's nodes in the order that ONNX Runtime goes through them (`GraphViewer`, the default order): depth first from the nodes that
 * no other reads, the last one first, each after what it reads, of which the latest comes first.
 */
export function executionOrder(graph: Graph): readonly Node[] {
  const { nodes } = graph;
  const places = new Map(nodes.map((node, index) => [node, index]));
  const place = (node: Node): number => places.get(node) ?? NaN;
  const sources = new Map(nodes.map((node) => [node, sourcesOf(node, graph).sort((a, b) => place(a) - place(b))]));
  const read = new Set([...sources.values()].flat());
  const stack = nodes.filter((node) => !read.has(node)).map((node) => ({ node, isEntered: false }));
  const order: Node[] = [];
  const entered = new Set<Node>();
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, isEntered } = top;
    if (isEntered) order.push(node);
    if (isEntered || entered.has(node)) continue;
    entered.add(node);
    stack.push({ node, isEntered: true });
    for (const source of sources.get(node) ?? []) if (!entered.has(source)) stack.push({ node: source, isEntered: false });
  }
  return order;
}

function sourcesOf({ inputs }: Node, graph: Graph): Node[] {
  return [...new Set(inputs.flatMap((input) => (input && graph.producer(input)) ?? []))];
}
