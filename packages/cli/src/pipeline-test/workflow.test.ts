import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Event, isStartedBy, readWorkflows } from './workflow.ts';

const workflows = await readWorkflows(fileURLToPath(new URL('../../../../', import.meta.url)));

const events: readonly (readonly [string, Event, readonly string[]])[] = [
  ['a pull request', { name: 'pull_request', ref: 'refs/pull/7/merge' }, ['preview']],
  ['a push to a feature branch', { name: 'push', ref: 'refs/heads/feature' }, ['preview']],
  ['a push to main', { name: 'push', ref: 'refs/heads/main' }, ['deliver']],
  ['a tag v1.2', { name: 'push', ref: 'refs/tags/v1.2' }, ['deliver']],
  ['another tag', { name: 'push', ref: 'refs/tags/nightly' }, []],
  [
    'a person, by hand,',
    { name: 'workflow_dispatch', ref: 'refs/heads/feature' },
    ['apply', 'deliver', 'plan', 'publish'],
  ],
];

for (const [what, event, started] of events) {
  test(`${what} starts ${started.join(', ') || 'nothing'}`, () => {
    const names = workflows.filter((workflow) => isStartedBy(workflow, event)).map(({ file }) => file);
    assert.deepEqual(
      names,
      started.map((name) => `plimsoll-${name}.yml`),
    );
  });
}
