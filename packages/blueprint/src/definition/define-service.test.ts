import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefinitionError, defineService, definitionProblems } from './define-service.ts';
import { officeHours } from './office-hours.ts';
import type { ServiceDefinition } from './service-definition.ts';

const minimal: ServiceDefinition = { name: 'shop', environments: { local: { region: 'eu-central-1' } } };

const full: ServiceDefinition = {
  name: 'devops-app',
  image: { context: '.', dockerfile: 'Dockerfile', command: ['node', 'dist/main.js'] },
  http: { port: 3000, healthCheck: { path: '/health', gracePeriodSeconds: 10 } },
  task: { cpu: 512, memory: 1024, environment: { LOG_LEVEL: 'debug' }, stopTimeoutSeconds: 120 },
  scaling: {
    min: 2,
    max: 10,
    cpu: 60,
    memory: 70,
    requestsPerTarget: 1000,
    cooldowns: { in: 120, out: 30 },
  },
  database: { engine: 'postgres', version: '17.6', multiAz: true, name: 'links', storageGiB: 100 },
  migrate: ['node', 'dist/migrate.js'],
  network: { cidr: '10.20.0.0/16', natGateways: 3 },
  logs: { retentionDays: 14 },
  tags: { team: 'web', 'cost centre': '42' },
  environments: {
    local: { region: 'eu-central-1' },
    dev: {
      region: 'us-gov-east-1',
      scaling: { schedule: officeHours('08:00', '18:00', 'MON-FRI', 'Europe/Berlin') },
    },
    prod: {
      regions: ['eu-central-1', 'eu-west-1'],
      domain: 'app.example.com',
      alarms: {
        email: ['a@example.com', 'b@example.com'],
        rollback: false,
        loadBalancerErrorPercent: 0.5,
        targetErrorPercent: 2,
        latencySeconds: 0.25,
        unhealthyTargets: 2,
        cpuPercent: 90,
        memoryPercent: 90,
        databaseCpuPercent: 70,
        databaseConnections: 50,
        databaseFreeStoragePercent: 20,
      },
      cache: { engine: 'valkey' },
    },
  },
};

for (const [name, definition] of Object.entries({ minimal, full })) {
  test(`a ${name} definition has no problems and is returned as given`, () => {
    assert.equal(defineService(definition), definition);
  });
}

/** What is wrong, written over the minimal definition; where and what the one problem says. */
const wrong: readonly (readonly [patch: object, path: string, message: string])[] = [
  [{ name: undefined }, 'name', 'missing; it must be given'],
  [
    { name: 'Shop' },
    'name',
    "given 'Shop'; allowed: lower-case letters, digits and hyphens, 2 to 24 characters, starting with a letter, not ending with a hyphen",
  ],
  [{ name: 'network' }, 'name', "given 'network'; allowed: any other name: the shared network has this one"],
  [{ name: 'a--b' }, 'name', "given 'a--b'; allowed: a name without two hyphens in a row"],
  [{ scaling: { min: 'two' } }, 'scaling.min', "given 'two'; allowed: a whole number from 0 to 5000 tasks"],
  [{ scaling: { min: 2.5 } }, 'scaling.min', 'given 2.5; allowed: a whole number from 0 to 5000 tasks'],
  [{ scaling: { min: 5, max: 3 } }, 'scaling.max', 'given 3; allowed: at least min, which is 5'],
  [
    { scaling: 3 },
    'scaling',
    'given 3; allowed: an object with min, max, cpu, memory, requestsPerTarget, cooldowns or schedule',
  ],
  [{ scaling: { cpu: 0 } }, 'scaling.cpu', 'given 0; allowed: a whole number from 1 to 100 percent'],
  [
    { scaling: { cooldowns: { in: -1 } } },
    'scaling.cooldowns.in',
    'given -1; allowed: a whole number from 0 to 86400 seconds',
  ],
  [
    { scaling: { requestsPerTarget: 0.5 } },
    'scaling.requestsPerTarget',
    'given 0.5; allowed: a whole number from 1 to 10000000 requests a minute',
  ],
  [{ task: { cpu: 300 } }, 'task.cpu', 'given 300; allowed: 256, 512, 1024, 2048, 4096, 8192 or 16384'],
  [{ task: { memory: 4096 } }, 'task.memory', 'given 4096; allowed: with cpu 256 one of 512, 1024, 2048 MiB'],
  [
    { task: { environment: { PORT: '1' } } },
    'task.environment.PORT',
    'set by the blueprint; choose another name',
  ],
  [{ task: { environment: { A: 1 } } }, 'task.environment.A', 'given 1; allowed: a text'],
  [{ http: { port: 0 } }, 'http.port', 'given 0; allowed: a whole number from 1 to 65535'],
  [
    { http: { helthCheck: {} } },
    'http.helthCheck',
    "not known; did you mean 'healthCheck'?; allowed: port or healthCheck",
  ],
  [
    { http: { healthCheck: { path: 'health' } } },
    'http.healthCheck.path',
    "given 'health'; allowed: a path that starts with '/', up to 128 characters",
  ],
  [{ database: {} }, 'database.engine', 'missing; it must be given'],
  [{ local: { plane: 'docker' } }, 'local.plane', "given 'docker'; allowed: 'process' or 'container'"],
  [{ database: { engine: 'mysql' } }, 'database.engine', "given 'mysql'; allowed: 'postgres'"],
  [
    { database: { engine: 'postgres', version: 17 } },
    'database.version',
    "given 17; allowed: a PostgreSQL version from '14' to '18', such as '17' or '17.6'",
  ],
  [
    { database: { engine: 'postgres', multiAz: 'yes' } },
    'database.multiAz',
    "given 'yes'; allowed: true or false",
  ],
  [
    { image: { command: 'node' } },
    'image.command',
    "given 'node'; allowed: a list of texts, for instance ['node', 'dist/main.js']",
  ],
  [{ migrate: ['node', 1] }, 'migrate[1]', 'given 1; allowed: a text that is not empty'],
  [
    { network: { cidr: '10.0.0.0/24' } },
    'network.cidr',
    "given '10.0.0.0/24'; allowed: a private IPv4 block from /16 to /20, such as '10.0.0.0/16'",
  ],
  [{ network: { natGateways: 0 } }, 'network.natGateways', 'given 0; allowed: 1, 2 or 3'],
  [{ domain: 'nowhere' }, 'domain', "given 'nowhere'; allowed: a domain name such as 'app.example.com'"],
  [{ alarms: { email: 'me' } }, 'alarms.email', "given 'me'; allowed: a mail address"],
  [{ alarms: { email: ['a@b.c', 'me'] } }, 'alarms.email[1]', "given 'me'; allowed: a mail address"],
  [
    { alarms: { email: ['a@b.c', 'd@b.c', 'a@b.c'] } },
    'alarms.email[2]',
    "given 'a@b.c'; allowed: each once; it is alarms.email[0] too",
  ],
  [
    { alarms: { email: [] } },
    'alarms.email',
    "given []; allowed: a list of mail addresses, such as ['team@example.com'], or one of them",
  ],
  [
    { alarms: { cpuPercent: 101 } },
    'alarms.cpuPercent',
    'given 101; allowed: a number from 0 to 100 percent',
  ],
  [
    { alarms: { latency: 1 } },
    'alarms.latency',
    'not known; allowed: email, rollback, loadBalancerErrorPercent, targetErrorPercent, latencySeconds,',
  ],
  [
    { tags: { 'aws:team': 'web' } },
    'tags."aws:team"',
    "the name is not allowed; allowed: up to 128 characters, not starting with 'aws:' or 'plimsoll:'",
  ],
  [{ environments: {} }, 'environments', 'empty; at least one must be given'],
  [
    { environments: { local: {} } },
    'environments.local.region',
    "missing; give it, for instance 'eu-central-1'",
  ],
  [
    { environments: { local: { region: 'Frankfurt' } } },
    'environments.local.region',
    "given 'Frankfurt'; allowed: an AWS region such as 'eu-central-1'",
  ],
  [
    { environments: { local: { region: 'eu-west-1', regions: ['eu-west-1'] } } },
    'environments.local.regions',
    'given next to region; allowed: one of them',
  ],
  [
    { environments: { local: { region: 'eu-west-1', scaling: { max: 1, min: 2 } } } },
    'environments.local.scaling.max',
    'given 1; allowed: at least min, which is 2',
  ],
  [
    { environments: { local: { region: 'eu-west-1', databse: {} } } },
    'environments.local.databse',
    "not known; did you mean 'database'?",
  ],
  [
    { environments: { local: { region: 'eu-west-1', database: { multiAz: true } } } },
    'environments.local.database.engine',
    'missing; it must be given',
  ],
  [
    { scaling: { schedule: { start: '8:00', end: '18:00', days: 'MON', timezone: 'UTC' } } },
    'scaling.schedule.start',
    "given '8:00'; allowed: 24-hour time as 'HH:MM'",
  ],
  [
    { scaling: { schedule: officeHours('18:00', '08:00') } },
    'scaling.schedule.end',
    "given '08:00'; allowed: a time after start, which is '18:00'",
  ],
  [
    { scaling: { schedule: { ...officeHours('08:00', '18:00'), days: 'WEEKDAYS' } } },
    'scaling.schedule.days',
    "given 'WEEKDAYS'; allowed: MON to SUN, or a range such as 'MON-FRI'",
  ],
  [
    { scaling: { schedule: officeHours('08:00', '18:00', 'MON-FRI', 'Mars/Base') } },
    'scaling.schedule.timezone',
    "given 'Mars/Base'; allowed: an IANA time zone, for instance 'UTC' or 'Europe/Berlin'",
  ],
];

for (const [patch, path, message] of wrong) {
  test(`${JSON.stringify(patch)} is refused at ${path}`, () => {
    const problems = definitionProblems({ ...minimal, ...patch });
    assert.deepEqual(
      problems.map((problem) => problem.path),
      [path],
    );
    assert.ok(problems[0]?.message.startsWith(message), problems[0]?.message);
  });
}

test('all problems are told at once, each a line with its place', () => {
  const definition = { name: 'X', scalling: {}, http: { port: 'a' }, environments: { local: { region: 1 } } };
  assert.throws(
    () => defineService(definition as unknown as ServiceDefinition),
    (error) => {
      assert.ok(error instanceof DefinitionError);
      assert.deepEqual(
        error.problems.map(({ path }) => path),
        ['name', 'scalling', 'http.port', 'environments.local.region'],
      );
      assert.equal(error.message.split('\n').length, 5);
      return true;
    },
  );
});

test('a problem of the service is told once, not again for each environment', () => {
  const definition = {
    ...minimal,
    http: { port: 0 },
    environments: { a1: { region: 'eu-west-1' }, b1: { region: 'eu-west-1' } },
  };
  assert.deepEqual(
    definitionProblems(definition).map(({ path }) => path),
    ['http.port'],
  );
});

test("an override that clashes with the service's own value is told at the environment", () => {
  const definition = {
    ...minimal,
    scaling: { max: 4 },
    environments: { prod: { region: 'eu-west-1', scaling: { min: 6 } } },
  };
  assert.deepEqual(definitionProblems(definition), [
    { path: 'environments.prod.scaling.max', message: 'given 4; allowed: at least min, which is 6' },
  ]);
});

for (const value of [undefined, null, 3, [], 'x', () => undefined]) {
  test(`${String(value)} is no definition`, () => {
    assert.equal(definitionProblems(value).length, 1);
  });
}
