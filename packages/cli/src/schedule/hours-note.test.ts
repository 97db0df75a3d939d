import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineService, officeHours, resolveEnvironment } from '@plimsoll/blueprint';
import { hoursNote } from './hours-note.ts';

function note(now: string, isAtZero: boolean, hasHours = true): string | undefined {
  const definition = defineService({
    name: 'shop',
    ...(hasHours && { scaling: { schedule: officeHours('08:00', '18:00', 'MON-FRI', 'UTC') } }),
    environments: { dev: { region: 'eu-central-1' } },
  });
  return hoursNote(resolveEnvironment(definition, 'dev'), { now: new Date(now), isAtZero });
}

const friday = '2026-11-27T17:58:00Z';
const night = '2026-11-27T19:00:00Z';

test('a service at zero is told with the time at which it runs again', () => {
  assert.equal(
    note(night, true),
    'at zero until Mon 2026-11-30 08:00 UTC (MON-FRI 08:00–18:00 UTC): no task runs, its URL answers 503',
  );
});

test('a service that runs is told with the time at which its schedule stops it', () => {
  assert.equal(note(friday, false), 'runs until Fri 2026-11-27 18:00 UTC (MON-FRI 08:00–18:00 UTC)');
  assert.match(note(night, false) ?? '', /yet it runs: .* next end, Mon 2026-11-30 18:00 UTC$/);
});

test('a count of zero that no schedule explains is told as that', () => {
  assert.match(note(friday, true) ?? '', /^no task runs although it is within the hours/);
  assert.match(note(night, true, false) ?? '', /^no task runs: its desired count is 0/);
  assert.equal(note(night, false, false), undefined);
});
