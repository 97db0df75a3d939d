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
    scaling: { min: 2, max: 10, cpu: 60, cooldowns: { in: 300, out: 60 } },
    network: { cidr: '10.0.0.0/16', natGateways: 1 },
    logs: { retentionDays: 30 },
    alarms: {
      email: [],
      rollback: true,
      loadBalancerErrorPercent: 1,
      targetErrorPercent: 5,
      latencySeconds: 1,
      unhealthyTargets: 1,
      cpuPercent: 80,
      memoryPercent: 80,
      databaseCpuPercent: 90,
      databaseFreeStoragePercent: 15,
    },
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

test('one address is a list of one', () => {
  const { alarms } = resolveEnvironment({ ...definition, alarms: { email: 'a@example.com' } }, 'bare');
  assert.deepEqual(alarms.email, ['a@example.com']);
});

test('the CPU alarm stays above what scaling holds', () => {
  const { alarms } = resolveEnvironment({ ...definition, scaling: { cpu: 85 } }, 'bare');
  assert.equal(alarms.cpuPercent, 95);
});

test('a release into an environment that may go is not watched for minutes, unless the definition says so', () => {
  const rollback = (options: Partial<ServiceDefinition>): boolean =>
    resolveEnvironment({ ...definition, ...options }, 'bare').alarms.rollback;
  assert.equal(rollback({}), true);
  assert.equal(rollback({ deletionProtection: false }), false);
  assert.equal(rollback({ deletionProtection: false, alarms: { rollback: true } }), true);
});

const connections: readonly (readonly [instanceClass: string, usable: number])[] = [
  ['db.t4g.micro', 84],
  ['db.t4g.medium', 337],
  ['db.m7g.large', 675],
  ['db.r7g.large', 1351],
  ['db.m7g.4xlarge', 5000],
];

for (const [instanceClass, usable] of connections) {
  test(`${instanceClass} takes about ${usable} connections, and the alarm comes at 80 % of them`, () => {
    const database = { engine: 'postgres', instanceClass } as const;
    const { alarms } = resolveEnvironment({ ...definition, database }, 'bare');
    assert.equal(alarms.databaseConnections, Math.floor(usable * 0.8));
  });
}

const announced: readonly (readonly [string, readonly string[]])[] = [
  ['bare', []],
  ['dev', []],
  ['prod', ['domain', 'regions']],
];

for (const [environment, options] of announced) {
  test(`of ${environment}, what the stacks do not emit is announced: ${options.join(', ') || 'nothing'}`, () => {
    const warnings = notEmitted(resolveEnvironment(definition, environment));
    assert.deepEqual(
      warnings.map((warning) => / ([\w.]+) is not emitted yet: ./.exec(warning)?.[1]),
      options,
    );
  });
}
