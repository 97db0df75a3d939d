import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';
import { PlanRefusal } from './plan-document.ts';
import { assertRehearsed, rehearsalFile } from './rehearsal.ts';

const hash = 'a'.repeat(64);
const rows: readonly (readonly [what: string, report: string | undefined, refusal: RegExp | undefined])[] = [
  ['is missing', undefined, /There is no report of a rehearsal, .*\.plan\.rehearsal\.json\. Rehearse it/],
  ['is no JSON', 'x', /is of another plan/],
  [
    'is of another plan',
    JSON.stringify({ planHash: 'b', passed: true }),
    /is of another plan \(b…, this one is a{12}…\)/,
  ],
  ['did not pass', JSON.stringify({ planHash: hash, passed: false }), /did not pass/],
  ['says nothing of passing', JSON.stringify({ planHash: hash }), /did not pass/],
  ['passed', JSON.stringify({ planHash: hash, passed: true, seconds: 60 }), undefined],
];

for (const [what, report, refusal] of rows) {
  test(`a plan whose report of a rehearsal ${what} is ${refusal ? 'refused' : 'applied'} where one is required`, async (t) => {
    const { path, remove } = await temporaryFolder();
    t.after(remove);
    const plan = join(path, 'a.plan');
    if (report !== undefined) await writeFile(rehearsalFile(plan), report);
    const checked = assertRehearsed(plan, hash);
    if (refusal === undefined) await checked;
    else
      await assert.rejects(checked, (error) => error instanceof PlanRefusal && refusal.test(error.message));
  });
}
