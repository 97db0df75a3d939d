import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notEmitted } from './not-emitted.ts';
import { officeHours } from './office-hours.ts';
import { resolveEnvironment } from './resolved-environment.ts';
import type { ServiceDefinition } from './service-definition.ts';

const definition: ServiceDefinition = {
  name: 'web-shop',
  image: { command: ['a', 'b'] },
  http: { healthCheck: { path: '/up' } },
  scaling: { min: 3 },
  database: { engine: 'postgres' },
  tags: { team: 'web' },
  environments: {
    dev: {
      region: 'eu-central-1',
      image: { command: ['c'] },
      http: { port: 8080 },
      scaling: { min: 12, schedule: officeHours('08:00', '18:00') },
      database: { multiAz: false },
      tags: { stage: 'dev' },
    },
    prod: {
      regions: ['eu-west-1', 'eu-central-1'],
      domain: 'shop.example.com',
      alarms: {},
      scaling: { max: 20, cpu: 50 },
    },
    bare: { region: 'eu-west-2' },
  },
};

test('what neither service nor environment says has its default', () => {
  const { image: _image, ...resolved } = resolveEnvironment(
    { name: 'web-shop', environments: { prod: { region: 'eu-west-1' } } },
    'prod',
  );
  assert.deepEqual(resolved, {
    service: 'web-shop',
    environment: 'prod',
    region: 'eu-west-1',
    regions: ['eu-west-1'],
    http: { port: 3000, healthCheck: { path: '/health', gracePeriodSeconds: 30 } },
    task: { cpu: 256, memory: 512, environment: {}, stopTimeoutSeconds: 30 },
    scaling: { min: 2, max: 10, cpu: 60 },
    network: { cidr: '10.0.0.0/16', natGateways: 1 },
    logs: { retentionDays: 30 },
    deletionProtection: true,
    local: { plane: 'process' },
    tags: {},
  });
});

test('an environment is merged deeply, and its lists replace', () => {
  const dev = resolveEnvironment(definition, 'dev');
  assert.deepEqual(dev.http, { port: 8080, healthCheck: { path: '/up', gracePeriodSeconds: 30 } });
  assert.deepEqual(dev.image.command, ['c']);
  assert.deepEqual(dev.tags, { team: 'web', stage: 'dev' });
  assert.equal(dev.database?.multiAz, false);
  assert.equal(dev.database?.name, 'web_shop');
  assert.deepEqual([dev.scaling.min, dev.scaling.max], [12, 12]);
});

test('more CPU brings the smallest memory that AWS offers for it', () => {
  const large = resolveEnvironment({ ...definition, task: { cpu: 2048 } }, 'bare');
  assert.equal(large.task.memory, 4096);
});

test('an environment that is not there is refused by name', () => {
  assert.throws(() => resolveEnvironment(definition, 'stage'), {
    message: "web-shop has no environment 'stage'; it has: dev, prod, bare",
  });
});

const announced: readonly (readonly [string, readonly string[]])[] = [
  ['bare', []],
  ['dev', ['scaling.schedule']],
  ['prod', ['scaling.max', 'scaling.cpu', 'domain', 'alarms', 'regions']],
];

for (const [environment, options] of announced) {
  test(`of ${environment}, what the stacks do not emit is announced: ${options.join(', ') || 'nothing'}`, () => {
    const warnings = notEmitted(definition, resolveEnvironment(definition, environment));
    assert.deepEqual(
      warnings.map((warning) => / ([\w.]+) is not emitted yet: ./.exec(warning)?.[1]),
      options,
    );
  });
}
