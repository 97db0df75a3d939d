import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tables } from '../../kernel/table.ts';
import { groupsUsedBy, listenersOf, loadBalancersUsing, openElbv2, rulesOf } from './state.ts';
import { forward } from './testing/elb-region.ts';

test('what belongs to a load balancer is as its records are: written, changed, undone', () => {
  const tables = new Tables();
  const state = openElbv2(tables);
  const put = (table: string, key: string, record: object): void =>
    tables.table(`elbv2.${table}`).put(key, { arn: key, ...record });
  const groups = () => ['lb1', 'lb2'].map((arn) => groupsUsedBy(state, arn));
  put('loadBalancers', 'lb1', {});
  put('loadBalancers', 'lb2', {});
  put('listeners', 'l1', { loadBalancerArn: 'lb1', defaultActions: [forward('a')] });
  put('listeners', 'l2', { loadBalancerArn: 'lb2', defaultActions: [forward('b')] });
  assert.deepEqual(groups(), [['a'], ['b']]);
  put('rules', 'r1', { listenerArn: 'l1', priority: 20, actions: [forward('c'), forward('a')] });
  put('rules', 'r2', { listenerArn: 'l1', priority: 10, actions: [forward('d')] });
  assert.deepEqual(groups(), [['a', 'd', 'c'], ['b']]);
  assert.deepEqual(
    rulesOf(state, 'l1').map(({ arn }) => arn),
    ['r2', 'r1'],
  );
  assert.deepEqual(
    listenersOf(state, 'lb2').map(({ arn }) => arn),
    ['l2'],
  );
  const users = () => ['a', 'b', 'c'].map((group) => loadBalancersUsing(state, group).map(({ arn }) => arn));
  assert.deepEqual(users(), [['lb1'], ['lb2'], ['lb1']]);
  const savepoint = tables.savepoint();
  tables.table('elbv2.rules').delete('r1');
  assert.deepEqual(users(), [['lb1'], ['lb2'], []]);
  tables.revertTo(savepoint);
  assert.deepEqual(users(), [['lb1'], ['lb2'], ['lb1']]);
});
