import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import fc from 'fast-check';
import { CheckedNames } from './checked-names.ts';

const names = fc.constantFrom('A', 'B');
const datum: fc.Arbitrary<MetricDatum> = fc.record({
  MetricName: names,
  Dimensions: fc.option(fc.array(fc.record({ Name: names, Value: names }), { maxLength: 2 }), {
    nil: undefined,
  }),
  Unit: fc.constantFrom(undefined, 'None', 'Count'),
  StorageResolution: fc.constantFrom(undefined, 1, 60),
});

test('whatever names are put in whatever order, each is known by its own and by no others', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(names, datum), { minLength: 1, maxLength: 100 }), (puts) => {
      const checked = new CheckedNames();
      const model = new Map<string, number>();
      for (const [i, [namespace, datum]] of puts.entries()) {
        const text = textOf(namespace, datum);
        assert.equal(checked.find(namespace, datum), model.get(text));
        if (model.has(text)) continue;
        checked.add(namespace, datum, i, 1000);
        model.set(text, i);
      }
    }),
  );
});

test('a resolution that there is not is checked, though all other names are known', () => {
  const checked = new CheckedNames();
  const datum: MetricDatum = { MetricName: 'Depth', StorageResolution: 60 };
  checked.add('App', datum, 7, 1000);
  for (let i = 0; i < 3; i += 1) assert.equal(checked.find('App', datum), 7);
  assert.equal(checked.find('App', { ...datum, StorageResolution: 5 }), undefined);
});

function textOf(namespace: string, { MetricName, Dimensions, Unit, StorageResolution }: MetricDatum): string {
  const dimensions = (Dimensions ?? []).map(({ Name, Value }) => [Name, Value]);
  return JSON.stringify([namespace, MetricName, dimensions, Unit ?? '', StorageResolution === 1]);
}
