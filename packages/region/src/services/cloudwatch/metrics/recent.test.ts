import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Chunk } from './chunk.ts';
import { Recent } from './recent.ts';
import { partsInMemory, Stream } from './stream.ts';
import { minuteTier, slotsPerChunk } from './tiers.ts';

const hour = slotsPerChunk * minuteTier.slotMs;

const act = fc.oneof(
  { weight: 8, arbitrary: fc.record({ id: fc.nat(3), slot: fc.nat(9), value: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ id: fc.nat(3), slot: fc.nat(9), count: fc.integer({ min: 2, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ id: fc.nat(3), late: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ stored: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant('hour' as const) },
);

/** Against chunks that have everything at once. */
test('whatever comes in whatever order, each minute has what was put into it, once', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const recent = new Recent();
      const streams = Array.from({ length: 4 }, (_, id) => newStream(id, recent));
      const model = new Map<string, Chunk>();
      const modelAt = (id: number, start: number): Chunk => {
        const chunk = model.get(`${id} ${start}`) ?? new Chunk(true);
        model.set(`${id} ${start}`, chunk);
        return chunk;
      };
      const put = (id: number, start: number, slot: number, value: number): void => {
        modelAt(id, start).addValue(slot, value);
        if (start === recent.start && recent.put(id, slot, value)) return;
        streams[id]?.addMinuteValue(start, slot, value);
      };
      let start = 10 * hour;
      recent.begin(start);
      for (const each of acts) {
        if (each === 'hour') {
          start += hour;
          for (const stream of streams) stream.moveRecent();
          recent.begin(start);
        } else if ('stored' in each) streams[each.stored]?.moveRecent();
        else if ('late' in each) put(each.id, start - hour, each.late, 7);
        else if ('value' in each) put(each.id, start, each.slot, each.value);
        else {
          const sample = { count: each.count, sum: 3 * each.count, min: 3, max: 3 };
          modelAt(each.id, start).add(each.slot, sample);
          streams[each.id]?.addMinuteSample(start, each.slot, sample);
        }
      }
      for (const [id, stream] of streams.entries()) {
        for (let from = 9 * hour; from <= start; from += hour) {
          const whole = new Chunk(true);
          for (const part of partsInMemory(stream, minuteTier, from)) whole.addAll(part);
          for (let slot = 0; slot < 10; slot += 1) {
            const expected = model.get(`${id} ${from}`)?.at(slot);
            assert.deepEqual(simple(whole.at(slot)), simple(expected));
            assert.deepEqual(simple(stream.minute(from + slot * minuteTier.slotMs, true)), simple(expected));
          }
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a value that comes again for a minute which a checkpoint has moved is added to it', () => {
  const recent = new Recent();
  const stream = newStream(1, recent);
  recent.begin(0);
  recent.put(1, 9, 3);
  stream.moveRecent();
  assert.equal(recent.put(1, 9, 4), false);
  stream.addMinuteValue(0, 9, 4);
  assert.equal(stream.minute(9 * 60_000, false)?.sum, 7);
  assert.ok(Number.isNaN(recent.at(1, 9 * 60_000)));
});

test('streams that come later have their place, and what is there stays', () => {
  const recent = new Recent();
  const first = newStream(1, recent);
  recent.begin(0);
  recent.put(1, 5, 42);
  recent.noteLate(1, 9);
  const later = newStream(1000, recent);
  recent.put(1000, 5, 43);
  assert.deepEqual(
    [first, later].map((stream) => [stream.minute(5 * 60_000, false)?.sum, stream.late]),
    [
      [42, 9],
      [43, 0],
    ],
  );
});

function newStream(id: number, recent: Recent): Stream {
  const identity = { namespace: 'App', name: 'Load', dimensions: [] };
  return new Stream({ ...identity, id, unit: 'None', isHighResolution: false, seen: 0 }, recent);
}

/** Values that come to a minute by another way are the same, whatever is known of their distribution. */
function simple(sample: ReturnType<Chunk['at']>) {
  return sample && [sample.count, sample.sum, sample.min, sample.max];
}
