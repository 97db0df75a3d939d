import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFile } from '../testing/plan.ts';
import { type Rehearsal, rehearsalFormat } from './rehearsal.ts';
import { endLines, rehearsalMarkdown } from './rehearsal-text.ts';

const rehearsal: Rehearsal = {
  format: rehearsalFormat,
  planHash: 'a'.repeat(64),
  passed: false,
  startedAt: '2026-11-22T10:00:00.000Z',
  seconds: 40,
  load: { rate: 50, sent: 100, answered: 99, failed: 1, failures: { 'status 503': 1 }, p50: 2, p99: 9 },
  steps: [{ name: 'the plan', seconds: 12, ok: false, text: 'It failed:\n  a | b' }],
  alarms: [{ name: 'errors', at: '2026-11-22T10:00:30.000Z', reason: 'Threshold crossed' }],
  rolledBack: [],
  notes: ['The database began empty.'],
};

test('a report tells the load, the alarms and whether it passed', () => {
  assert.deepEqual(endLines(rehearsal), [
    '  The database began empty.',
    '  100 requests at 50 per second, 1 failed (status 503: 1); latency p50 2 ms, p99 9 ms',
    '  alarm errors: Threshold crossed',
    'The rehearsal of plan aaaaaaaaaaaa did not pass, after 40 s.',
  ]);
});

test('in Markdown a step is one row of a table, whatever its text', () => {
  const text = rehearsalMarkdown(rehearsal, planFile([]));
  assert.match(text, /^### Rehearsal for \S+ \(\S+\): ❌ did not pass$/m);
  assert.match(text, /^\| the plan \| ✖ \| 12 \| It failed:<br>a \\\| b \|$/m);
  assert.match(text, /^\*\*Other than in reality\*\*$/m);
});
