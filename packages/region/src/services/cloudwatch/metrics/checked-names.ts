import type { Dimension, MetricDatum } from '@aws-sdk/client-cloudwatch';

interface Node {
  next?: Map<string | undefined, Node>;
  /** Where names end here. */
  end?: Names;
}

interface Names {
  readonly namespace: string;
  readonly name: string | undefined;
  /** Names and values in turn. */
  readonly dimensions: readonly (string | undefined)[];
  readonly unit: string | undefined;
  readonly isHighResolution: boolean;
  /** Of their stream, which need not be there any more. */
  readonly id: number;
  /** What came after them the last time. */
  following?: Names;
}

/**
 * Remembers the stream of names that were checked, in the order in which they were given. Putting again under the same names,
 * which most data does, then takes neither a check nor a text made of them. Who puts every minute puts the same names in the
 * same order: so those that came next the last time are compared first.
 */
export class CheckedNames {
  #ordinary: Node = {};
  #highResolution: Node = {};
  #size = 0;
  #latest: Names | undefined;

  /** The id of the stream, which need not be there any more. */
  find(namespace: string, datum: MetricDatum): number | undefined {
    // What is no resolution is to be checked, whatever was put under these names before.
    const { StorageResolution } = datum;
    if (StorageResolution !== undefined && StorageResolution !== 1 && StorageResolution !== 60)
      return undefined;
    const expected = this.#latest?.following;
    const isExpected = expected !== undefined && areNames(expected, namespace, datum);
    const found = isExpected ? expected : this.#look(namespace, datum);
    if (found) this.#note(found);
    return found?.id;
  }

  /** @param most so many are remembered, then all are forgotten: the same names may come in many orders */
  add(namespace: string, datum: MetricDatum, id: number, most: number): void {
    if (this.#size >= most) this.#forget();
    const { MetricName: name, Unit: unit, StorageResolution } = datum;
    const dimensions = (datum.Dimensions ?? []).flatMap(({ Name, Value }) => [Name, Value]);
    let node = this.#root(datum);
    for (const text of [namespace, ...dimensions, name, unit]) node = nextOf(node, text);
    if (node.end === undefined) this.#size += 1;
    node.end = { namespace, name, dimensions, unit, isHighResolution: StorageResolution === 1, id };
    this.#note(node.end);
  }

  #look(namespace: string, datum: MetricDatum): Names | undefined {
    let node = this.#root(datum).next?.get(namespace);
    for (const { Name, Value } of datum.Dimensions ?? []) node = node?.next?.get(Name)?.next?.get(Value);
    return node?.next?.get(datum.MetricName)?.next?.get(datum.Unit)?.end;
  }

  #note(names: Names): void {
    if (this.#latest && this.#latest.following !== names) this.#latest.following = names;
    this.#latest = names;
  }

  #forget(): void {
    [this.#ordinary, this.#highResolution, this.#size, this.#latest] = [{}, {}, 0, undefined];
  }

  #root({ StorageResolution }: MetricDatum): Node {
    return StorageResolution === 1 ? this.#highResolution : this.#ordinary;
  }
}

function areNames(names: Names, namespace: string, datum: MetricDatum): boolean {
  const { MetricName, Dimensions, Unit, StorageResolution } = datum;
  return (
    names.name === MetricName &&
    names.unit === Unit &&
    names.isHighResolution === (StorageResolution === 1) &&
    names.namespace === namespace &&
    areDimensions(names.dimensions, Dimensions ?? [])
  );
}

function areDimensions(known: Names['dimensions'], given: readonly Dimension[]): boolean {
  if (known.length !== 2 * given.length) return false;
  for (let i = 0; i < given.length; i += 1) {
    if (given[i]?.Name !== known[2 * i] || given[i]?.Value !== known[2 * i + 1]) return false;
  }
  return true;
}

function nextOf(node: Node, name: string | undefined): Node {
  node.next ??= new Map();
  const known = node.next.get(name);
  if (known) return known;
  const made: Node = {};
  node.next.set(name, made);
  return made;
}
