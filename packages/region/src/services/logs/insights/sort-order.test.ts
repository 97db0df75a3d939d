import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSortOrder } from './sort-order.ts';

test('sort orders as the documentation shows it: texts, then numbers', () => {
  // The documentation's example (CWL_QuerySyntax-Sort).
  const ascending = [
    '!:',
    '#',
    '*%04',
    '0#',
    '5A',
    '111A',
    '2345_',
    '@',
    '@_',
    'A',
    'A9876fghj',
    'a12345hfh',
  ];
  const numbers = ['0', '01', '1', '2', '3'];
  const all = [...ascending, ...numbers];
  const sorted = all.toReversed().sort(inSortOrder);
  assert.deepEqual(sorted.slice(0, ascending.length), ascending);
  assert.deepEqual(sorted.slice(ascending.length).map(Number), [0, 1, 1, 2, 3]);
});
