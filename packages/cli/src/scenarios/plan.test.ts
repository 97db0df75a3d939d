/** Plans against a local region: what is shown is what happens, resource by resource. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allStacks } from '../deploy/stacks.ts';
import { answer, applied, changesIn, definition, emptyRegion, planned, stackOf } from '../testing/planned.ts';

test('from an empty region to a removal, each plan shows what happens and nothing else happens', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t, '--rate', '3');

  const first = await planned(service, 'first.plan');
  assert.deepEqual(
    first.waves.map(({ stacks }) =>
      stacks.map(({ name, action, exactness }) => `${name} ${action} ${exactness}`),
    ),
    [
      ['network-local create exact', 'tiny-registry create exact'],
      ['tiny-local-service create derived'],
      ['tiny-local-monitoring create derived'],
    ],
  );
  await applied(service, target, first, 'first.plan');
  assert.equal(await answer(service), 'one');
  assert.equal((await service.plimsoll('plan')).code, 0, 'nothing would change');

  await service.answer('two');
  const release = await planned(service, 'release.plan');
  assert.deepEqual(changesIn(release), [
    'tiny-local-service ServiceD69D759B modify TaskDefinition',
    'tiny-local-service TaskDefinitionB36D86D9 modify ContainerDefinitions.0.Image',
  ]);
  const [image] = stackOf(release, 'tiny-local-service').changes.filter(
    ({ replacement }) => replacement === 'yes',
  );
  assert.equal(image?.properties[0]?.because, 'parameter ImageDigest');
  await applied(service, target, release, 'release.plan');
  assert.equal(await answer(service), 'two');

  await service.definition(definition('scaling: { min: 1, max: 7 },'));
  const scaling = await planned(service, 'scaling.plan');
  assert.deepEqual(changesIn(scaling), [
    'tiny-local-service ServiceTaskCountTarget23E25614 modify MaxCapacity',
    'tiny-local-monitoring CpuE6EA7902 modify AlarmDescription',
    'tiny-local-monitoring Dashboard9E4231ED modify DashboardBody',
  ]);
  assert.equal(scaling.waves.length, 2);
  assert.equal(
    stackOf(scaling, 'tiny-local-monitoring').exactness,
    'exact',
    'it comes after the service and reads nothing that changes',
  );
  await applied(service, target, scaling, 'scaling.plan');

  await service.answer('three');
  await service.definition(definition('scaling: { min: 1, max: 7 }, http: { port: 3001 },'));
  const replacing = await planned(service, 'port.plan');
  assert.deepEqual(
    stackOf(replacing, 'tiny-local-service')
      .changes.filter(({ replacement }) => replacement === 'yes')
      .map(({ type }) => type),
    ['AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::ECS::TaskDefinition'],
  );
  const watching = stackOf(replacing, 'tiny-local-monitoring');
  assert.equal(watching.exactness, 'derived', 'its alarms name the target group that is replaced');
  assert.ok(watching.changes.length > 1);
  assert.ok(
    watching.changes.some(({ properties }) =>
      properties.some(({ because }) => because === 'parameter TargetGroup'),
    ),
  );
  await applied(service, target, replacing, 'port.plan');
  assert.equal(await answer(service), 'three');
  assert.equal((await service.plimsoll('plan')).code, 0, 'nothing would change');

  const refused = await service.plimsoll('plan', '--destroy', '--out', 'no.plan');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /This would lose data, so there is no plan:\n {2}tiny-local-service LogGroup/);
  const allowed = /--allow-data-loss (\S+)/.exec(refused.stderr)?.[1] ?? '';
  const removal = await planned(service, 'removal.plan', '--destroy', '--allow-data-loss', allowed);
  assert.deepEqual(
    removal.waves.map(({ stacks }) => stacks.map(({ name }) => name).sort()),
    [['tiny-local-monitoring'], ['tiny-local-service'], ['network-local', 'tiny-registry']],
  );
  await applied(service, target, removal, 'removal.plan');
  assert.deepEqual(await allStacks(await target.clients.cloudformation()), []);
});
