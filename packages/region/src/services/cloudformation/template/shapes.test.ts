import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decimal,
  flag,
  ignored,
  integer,
  json,
  listOf,
  mapOf,
  object,
  type ResourceType,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { knownAfterApply } from './evaluate.ts';
import { checkProperties } from './shapes.ts';

const type: ResourceType = {
  name: 'Test::Type',
  properties: {
    Name: required(text),
    Port: integer,
    Ratio: decimal,
    On: flag,
    Policy: json,
    Tags: tags,
    Env: mapOf(text),
    Rules: listOf(object({ From: integer, Note: ignored('notes are not kept') })),
    Tier: ignored('there are no tiers'),
  },
  create: () => ({ physicalId: 'x' }),
  delete: () => {},
};

test('values become what the shape declares', () => {
  const { properties, problems } = checkProperties(type, {
    Name: 5,
    Port: '80',
    Ratio: '0.5',
    On: 'true',
    Policy: { any: ['thing'] },
    Tags: [{ Key: 'n', Value: 1 }],
    Env: { A: true },
    Rules: [{ From: '1' }],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(properties, {
    Name: '5',
    Port: 80,
    Ratio: 0.5,
    On: true,
    Policy: { any: ['thing'] },
    Tags: [{ Key: 'n', Value: '1' }],
    Env: { A: 'true' },
    Rules: [{ From: 1 }],
  });
});

test('every misfit is named with its place, in AWS’s words', () => {
  const { problems } = checkProperties(type, {
    Port: 'eighty',
    On: 'maybe',
    Tags: [{ key: 'n' }],
    Env: ['a'],
    Rules: [{ From: 1.5, To: 2 }],
    Colour: 'red',
  });
  assert.deepEqual(problems, [
    '#/Port: expected type: Integer, found: String',
    '#/On: expected type: Boolean, found: String',
    '#/Tags/0: extraneous key [key] is not permitted (not modelled by this local region)',
    '#/Env: expected type: JSONObject, found: JSONArray',
    '#/Rules/0/From: expected type: Integer, found: Number',
    '#/Rules/0: extraneous key [To] is not permitted (not modelled by this local region)',
    '#: extraneous key [Colour] is not permitted (not modelled by this local region)',
    '#: required key [Name] not found',
  ]);
});

test('what has no effect here is dropped and noted, and what is not known yet passes', () => {
  const {
    properties,
    problems,
    ignored: noted,
  } = checkProperties(type, {
    Name: knownAfterApply,
    Port: '{{resolve:secretsmanager:db:SecretString:port}}',
    Tier: 'x',
    Rules: [{ From: knownAfterApply, Note: 'n' }],
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(noted, [
    { path: 'Tier', reason: 'there are no tiers' },
    { path: 'Rules/0/Note', reason: 'notes are not kept' },
  ]);
  assert.deepEqual(Object.keys(properties), ['Name', 'Port', 'Rules']);
});
