/** What must come first, by logical id. Every name in a list is a key of the graph. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The graph with its edges turned round: what must go first when all is taken down. */
export function reversed(graph: Graph): Graph {
  const turned = new Map<string, string[]>([...graph.keys()].map((node) => [node, []]));
  for (const [node, needed] of graph) for (const other of needed) turned.get(other)?.push(node);
  return turned;
}

/** All nodes, each after those it needs; nodes of a cycle are missing. Keeps the graph's own order where it may. */
export function inOrder(graph: Graph): string[] {
  const ordered = new Set<string>();
  const dependants = reversed(graph);
  const open = new Map([...graph].map(([node, needed]) => [node, needed.length]));
  const ready = [...graph.keys()].filter((node) => open.get(node) === 0);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    ordered.add(node);
    for (const dependant of dependants.get(node) ?? []) {
      const left = (open.get(dependant) ?? 0) - 1;
      open.set(dependant, left);
      if (left === 0) ready.push(dependant);
    }
  }
  return [...ordered];
}

/** The nodes that lie on a cycle or lead only to one, sorted; none when there is an order. */
export function findCycle(graph: Graph): string[] {
  const outOfCycle = new Set([...inOrder(graph), ...inOrder(reversed(graph))]);
  return [...graph.keys()].filter((node) => !outOfCycle.has(node)).sort();
}
