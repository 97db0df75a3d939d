import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from './errors.ts';
import { nearest, parseFlags, portOf } from './flags.ts';

const flags = {
  env: { type: 'string', text: '', default: 'local' },
  target: { type: 'string', text: '', choices: ['local', 'aws'], default: 'local' },
  home: { type: 'string', text: '' },
  detach: { type: 'boolean', text: '', short: 'd' },
} as const;

test('flags have their defaults, and booleans are always there', () => {
  assert.deepEqual(parseFlags('up', flags, []), {
    env: 'local',
    target: 'local',
    home: undefined,
    detach: false,
  });
  assert.deepEqual(parseFlags('up', flags, ['--env=prod', '-d', '--home', '/tmp/x']), {
    env: 'prod',
    target: 'local',
    home: '/tmp/x',
    detach: true,
  });
});

const refused: readonly (readonly [args: readonly string[], text: RegExp])[] = [
  [['--detatch'], /^plimsoll up: unknown flag --detatch; did you mean --detach\?\nSee: plimsoll up --help$/],
  [['--wholly-unknown'], /^plimsoll up: unknown flag --wholly-unknown\n/],
  [['-x'], /unknown flag -x/],
  [['prod'], /unexpected argument 'prod'/],
  [['--env'], /--env <value>: its value is missing|--env: its value is missing/],
  [['--target', 'moon'], /^--target: given 'moon'; allowed: local, aws$/],
];

for (const [args, text] of refused) {
  test(`'${args.join(' ')}' is refused with exit code 2 and a text`, () => {
    assert.throws(
      () => parseFlags('up', flags, args),
      (error) => error instanceof UserError && error.exitCode === 2 && text.test(error.message),
    );
  });
}

test('a port is a number from 0 to 65535', () => {
  assert.equal(portOf('port', '0'), 0);
  assert.equal(portOf('port', '65535'), 65_535);
  for (const wrong of ['', 'http', '-1', '65536', '80.5'])
    assert.throws(() => portOf('port', wrong), { message: /^--port: given '.*'; allowed: 0/ });
});

test('a name is guessed only when it is near', () => {
  assert.equal(nearest('deplyo', ['up', 'deploy']), 'deploy');
  assert.equal(nearest('destroy', ['up', 'deploy']), undefined);
});
