import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, databaseConfig, type Environment, httpConfig } from './config.ts';

const complete = {
  DATABASE_HOST: 'db',
  DATABASE_NAME: 'app',
  DATABASE_SECRET_ARN: 'arn:aws:secretsmanager:x',
};

test('an empty environment is enough to serve HTTP', () => {
  assert.deepEqual(httpConfig({}), { host: '0.0.0.0', port: 3000, logLevel: 'info' });
});

test('the database has defaults for port and TLS', () => {
  assert.deepEqual(databaseConfig(complete), {
    host: 'db',
    port: 5432,
    name: 'app',
    secretArn: 'arn:aws:secretsmanager:x',
    ssl: 'prefer',
  });
});

const refused: readonly [string, (env: Environment) => unknown, Environment, string][] = [
  ['PORT', httpConfig, { PORT: 'http' }, "PORT is 'http'; a port is a number from 0 to 65535"],
  ['PORT', httpConfig, { PORT: '65536' }, "PORT is '65536'; a port is a number from 0 to 65535"],
  [
    'LOG_LEVEL',
    httpConfig,
    { LOG_LEVEL: 'loud' },
    "LOG_LEVEL is 'loud'; allowed are fatal, error, warn, info, debug, trace, silent",
  ],
  [
    'DATABASE_SSL',
    databaseConfig,
    { ...complete, DATABASE_SSL: 'yes' },
    "DATABASE_SSL is 'yes'; allowed are prefer, require, disable",
  ],
  [
    'every missing variable',
    databaseConfig,
    { DATABASE_NAME: 'app' },
    'DATABASE_HOST is not set; DATABASE_SECRET_ARN is not set',
  ],
];

for (const [what, read, env, message] of refused) {
  test(`a mistake names ${what}: ${message}`, () => {
    assert.throws(() => read(env), new ConfigurationError(message));
  });
}
