import type { MetricDatum } from '@aws-sdk/client-cloudwatch';

interface Node {
  next?: Map<string | undefined, Node>;
  /** Of the stream whose names end here. */
  key?: string;
}

/**
 * Remembers the stream of names that were checked, in the order in which they were given. Putting again under the same names,
 * which most data does, then takes neither a check nor a text made of them.
 */
export class CheckedNames {
  #ordinary: Node = {};
  #highResolution: Node = {};
  #size = 0;

  /** The key of the stream's record, which need not be there any more. */
  find(namespace: string, datum: MetricDatum): string | undefined {
    let node = this.#root(datum).next?.get(namespace);
    for (const { Name, Value } of datum.Dimensions ?? []) node = node?.next?.get(Name)?.next?.get(Value);
    return node?.next?.get(datum.MetricName)?.next?.get(datum.Unit)?.key;
  }

  /** @param most so many are remembered, then all are forgotten: the same names may come in many orders */
  add(namespace: string, datum: MetricDatum, key: string, most: number): void {
    if (this.#size >= most) [this.#ordinary, this.#highResolution, this.#size] = [{}, {}, 0];
    const dimensions = (datum.Dimensions ?? []).flatMap(({ Name, Value }) => [Name, Value]);
    let node = this.#root(datum);
    for (const name of [namespace, ...dimensions, datum.MetricName, datum.Unit]) node = nextOf(node, name);
    if (node.key === undefined) this.#size += 1;
    node.key = key;
  }

  #root({ StorageResolution }: MetricDatum): Node {
    return StorageResolution === 1 ? this.#highResolution : this.#ordinary;
  }
}

function nextOf(node: Node, name: string | undefined): Node {
  node.next ??= new Map();
  const known = node.next.get(name);
  if (known) return known;
  const made: Node = {};
  node.next.set(name, made);
  return made;
}
