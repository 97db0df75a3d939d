import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedStack, resourceChange } from '../testing/plan.ts';
import { comingFrom, withoutStandIns } from './coming-values.ts';
import { pendingValue } from './picture.ts';

const endpoint = { 'Fn::GetAtt': ['Database', 'Endpoint.Port'] };
const port = { type: 'AWS::SSM::Parameter', logicalId: 'Port' } as const;
const data = (change: Parameters<typeof resourceChange>[0]) =>
  plannedStack({
    template: { Resources: { Port: { Type: port.type, Properties: { Name: '/port', Value: endpoint } } } },
    changes: [resourceChange({ ...port, ...change })],
  });

test('a port that is yet to come stays what it was', () => {
  const value = { path: 'Value', before: '"5432"', after: JSON.stringify(pendingValue), replaces: false };
  const { parameters } = comingFrom([data({ properties: [value] })], new Set());
  assert.equal(parameters.get('/port'), '5432');
});

test('a port that was never there is a number while CloudFormation looks, and shown as yet to come', () => {
  const value = { path: 'Value', after: JSON.stringify(pendingValue), replaces: false };
  const { parameters, added } = comingFrom([data({ action: 'add', properties: [value] })], new Set());
  const standIn = parameters.get('/port') ?? '';
  assert.match(standIn, /^\d+$/);
  assert.ok(added.has('/port'));
  const AfterContext = JSON.stringify({
    Properties: { FromPort: Number(standIn), Url: [`db:${standIn}`], Other: 80 },
  });
  const [change] = withoutStandIns([{ Type: 'Resource', ResourceChange: { AfterContext } }]);
  assert.deepEqual(JSON.parse(change?.ResourceChange?.AfterContext ?? ''), {
    Properties: { FromPort: pendingValue, Url: [`db:${pendingValue}`], Other: 80 },
  });
});
