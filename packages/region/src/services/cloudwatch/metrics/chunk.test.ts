import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chunk } from './chunk.ts';

test('a chunk comes back from its record as it was: alone, merged, rolled up, and as earlier versions stored it', () => {
  const minutes = new Chunk(true);
  for (let slot = 0; slot < 60; slot += 1) {
    if (slot % 7 !== 0) minutes.addValue(slot, Math.sin(slot) * 10);
    if (slot % 5 === 0) minutes.addValue(slot, slot);
    if (slot === 11) minutes.add(slot, { count: 4, sum: 1, min: 0, max: 0.7 });
  }
  const fives = new Chunk(true);
  for (let slot = 0; slot < 12; slot += 1) fives.addSlots(slot, minutes, 5 * slot, 5 * slot + 5);
  for (const chunk of [minutes, fives]) {
    const again = Chunk.from(JSON.parse(JSON.stringify(chunk.record())), true);
    const told = Array.from({ length: 60 }, (_, slot) => chunk.at(slot));
    assert.deepEqual(
      Array.from({ length: 60 }, (_, slot) => again.at(slot)),
      told,
    );
    const statistics = told.flatMap((slot) => [slot?.count, slot?.sum, slot?.min, slot?.max]);
    const distributions = told.flatMap((slot, i) =>
      slot?.distribution ? [[i, slot.distribution] as const] : [],
    );
    const earlier = Chunk.from({ statistics: statistics.map((each) => each ?? null), distributions }, true);
    assert.deepEqual(
      Array.from({ length: 60 }, (_, slot) => earlier.at(slot)?.sum),
      told.map((slot) => slot?.sum),
    );
  }
});

test('values rolled up tell what they told slot by slot', () => {
  const [fine, together, oneByOne] = [new Chunk(true), new Chunk(true), new Chunk(true)];
  const values = [3, 1, 2, 1, 7, 5, 5];
  for (const [slot, value] of values.entries()) {
    fine.addValue(2 * slot, value);
    oneByOne.addValue(4, value);
  }
  together.addSlots(4, fine, 0, 60);
  assert.deepEqual(together.at(4), oneByOne.at(4));
  assert.deepEqual(together.at(4)?.distribution, [1, 2, 2, 1, 3, 1, 5, 2, 7, 1]);
});
