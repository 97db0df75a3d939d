import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeleteServiceCommand, DeregisterTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import type { RegionStatus } from '../status/region-status.ts';
import { type TinyService, tinyService } from '../testing/tiny-service.ts';

async function statusOf(service: TinyService): Promise<RegionStatus> {
  return JSON.parse((await service.plimsoll('status', '--json')).stdout) as RegionStatus;
}

test('a rollback that fails: deploy sends to the doctor, who tells both failures and goes on past the failed resource', {
  timeout: 180_000,
}, async (t) => {
  const service = await tinyService(t);
  const up = await service.plimsoll('up', '--detach', '--port', '0', '--http-port', '0');
  assert.equal(up.code, 0, up.stderr);
  const { endpoint, services } = await statusOf(service);
  await service.program(`
    import { createServer } from 'node:http';
    createServer((request, response) => response.writeHead(500).end()).listen(process.env.PORT);
  `);
  const deploy = service.start(['deploy']);
  await deploy.printed(/has started 1 tasks/);
  // Somebody tidies up, and with it goes what the rollback returns to.
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ecs = new ECSClient({ endpoint, region: 'eu-central-1', credentials });
  const taskDefinition = services[0]?.deployments[0]?.taskDefinition;
  await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  deploy.child.kill('SIGINT');
  const { stderr } = await deploy.ended;
  assert.match(stderr, /the stack is UPDATE_ROLLBACK_FAILED\. What now: plimsoll doctor/);

  const again = await service.plimsoll('deploy');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /plimsoll doctor --stack tiny-local-service/);

  const doctor = await service.plimsoll('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /An update failed, and so did the way back/);
  assert.match(doctor.stdout, /TaskDefinition is inactive/);
  const [, id = ''] = /(Service\w+) \(AWS::ECS::Service\): /.exec(doctor.stdout) ?? [];
  const fixing = ['doctor', '--stack', 'tiny-local-service', '--fix', '--yes'] as const;
  const repeated = await service.plimsoll(...fixing);
  assert.equal(repeated.code, 1, 'nothing was repaired: the rollback fails again');
  const skipping = await service.plimsoll(...fixing, '--skip', id);
  assert.equal(skipping.code, 0, `${skipping.stdout}\n${skipping.stderr}`);
  assert.match(skipping.stdout, /tiny-local-service: UPDATE_ROLLBACK_COMPLETE/);
  assert.match((await service.plimsoll('doctor')).stdout, /none is wedged/);

  await service.answer('two');
  const release = await service.plimsoll('deploy');
  assert.equal(release.code, 0, `${release.stdout}\n${release.stderr}`);
  const { services: after } = await statusOf(service);
  assert.equal(await (await fetch(after[0]?.url ?? '')).text(), 'two');
});

test('a service that was deleted past its stack: every release fails, the doctor tells it, and a stack made anew serves', {
  timeout: 180_000,
}, async (t) => {
  const service = await tinyService(t);
  const up = await service.plimsoll('up', '--detach', '--port', '0', '--http-port', '0');
  assert.equal(up.code, 0, up.stderr);
  const { endpoint, services } = await statusOf(service);
  const [{ cluster = '', name = '' } = {}] = services;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ecs = new ECSClient({ endpoint, region: 'eu-central-1', credentials });
  await ecs.send(new DeleteServiceCommand({ cluster, service: name, force: true }));
  const doctor = await service.plimsoll('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, new RegExp(`service ${name} is gone from the cluster ${cluster}`));

  await service.answer('two');
  const release = await service.plimsoll('deploy');
  assert.equal(release.code, 1);
  assert.match(release.stderr, /Service was not ACTIVE/);

  const fixing = await service.plimsoll('doctor', '--fix', '--yes');
  assert.equal(fixing.code, 0, `${fixing.stdout}\n${fixing.stderr}`);
  const again = await service.plimsoll('deploy');
  assert.equal(again.code, 0, `${again.stdout}\n${again.stderr}`);
  const { services: after } = await statusOf(service);
  assert.equal(await (await fetch(after[0]?.url ?? '')).text(), 'two');
  assert.match((await service.plimsoll('doctor')).stdout, /none is wedged/);
});
