import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricIdentity } from '../identity.ts';
import { parseSearch } from './search.ts';

function metric(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>> = {},
): MetricIdentity {
  return { namespace, name, dimensions: Object.entries(dimensions) };
}

const cpu = metric('AWS/ECS', 'CPUUtilization', { ClusterName: 'devops', ServiceName: 'devops-app' });
const clusterCpu = metric('AWS/ECS', 'CPUUtilization', { ClusterName: 'devops' });
const custom = metric('App', 'CustomCount1', { Project: 'Project2-trial333' });
const network = metric('App', 'Network-Errors_2');

/** After the documentation's own examples (search-expression-syntax). */
const cases: readonly (readonly [search: string, of: MetricIdentity, isFound: boolean])[] = [
  ['{AWS/ECS,ClusterName,ServiceName}', cpu, true],
  ['{AWS/ECS,ClusterName,ServiceName}', clusterCpu, false],
  ['{AWS/ECS,ClusterName} MetricName="CPUUtilization"', clusterCpu, true],
  ['{AWS/ECS,ClusterName} MetricName="CPUUtilization"', cpu, false],
  ['{AWS/ECS} cpu', cpu, true],
  ['{AWS/RDS} cpu', cpu, false],
  [' {"AWS/ECS", ClusterName}, "CPUUtilization" ', clusterCpu, true],
  ['count', custom, true],
  ['COUNT', custom, true],
  ['couNT', custom, false],
  ['CustomCount', custom, true],
  ['Count1', custom, true],
  ['customcount', custom, false],
  ['count1', custom, false],
  ['"CustomCount1"', custom, true],
  ['"customcount1"', custom, false],
  ['"Custom"', custom, false],
  ['trial', custom, true],
  ['network/errors', network, true],
  ['network+errors', network, true],
  ['Network_Errors', network, true],
  ['"Network-Errors_2"', network, true],
  ['"Network_Errors_2"', network, false],
  ['ServiceName=app', cpu, true],
  ['ServiceName="app"', cpu, false],
  ['ServiceName="devops-app" Namespace="AWS/ECS"', cpu, true],
  ['ClusterName=app', cpu, false],
  // Confirmed by user reports: a property of several terms.
  ['{AWS/ECS,ClusterName} MetricName=("MemoryUtilization" OR "CPUUtilization")', clusterCpu, true],
  ['{AWS/ECS,ClusterName} MetricName=("MemoryUtilization" OR "devops")', clusterCpu, false],
  ['ServiceName=(devops NOT app)', cpu, false],
  ['MetricName = "CPUUtilization"', cpu, true],
  ['MetricName = "MemoryUtilization"', cpu, false],
  ['cpu AND devops', cpu, true],
  ['cpu NOT devops-app', cpu, false],
  ['cpu NOT devops-app', clusterCpu, true],
  ['NOT Namespace=AWS', custom, true],
  ['NOT Namespace=AWS', cpu, false],
  ['(RDS OR ECS) MetricName=CPUUtilization', cpu, true],
  ['MetricName="Errors" OR (MetricName="CPUUtilization" AND (ProjectA OR devops))', cpu, true],
  ['MetricName="Errors" OR (MetricName="CPUUtilization" AND (ProjectA OR ProjectB))', cpu, false],
];
for (const [search, of, isFound] of cases) {
  test(`SEARCH ${search} ${isFound ? 'finds' : 'does not find'} ${of.name}`, () =>
    assert.equal(parseSearch(search)(of), isFound));
}

test('a search that is none is refused', () => {
  for (const search of ['', 'a OR', '(a', 'a)', 'x'.repeat(1025)]) assert.throws(() => parseSearch(search));
});
