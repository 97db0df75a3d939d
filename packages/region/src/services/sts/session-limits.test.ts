import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionLimits } from './session-policies.ts';
import { checkSessionName, roleNameOf, sessionSeconds } from './sessions.ts';

const validation = (message: string | RegExp) => ({ code: 'ValidationError', message });
const constraint = (value: string, member: string, rule: string) =>
  `Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`;
const one = (...told: Parameters<typeof constraint>) =>
  validation(`1 validation error detected: ${constraint(...told)}`);
const policyOf = (length: number) => `{"Statement":[]${' '.repeat(length - 16)} }`;
const tags = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => ({ Key: `k${i}`, Value: 'v'.repeat(length) }));

test('what a session may be named, how long it lasts and what it may carry, in AWS’s words', () => {
  const pattern = 'satisfy regular expression pattern: [\\w+=,.@-]*';
  const rows: readonly (readonly [ask: () => unknown, error: object])[] = [
    [() => checkSessionName('x'), one('x', 'roleSessionName', 'have length greater than or equal to 2')],
    [() => checkSessionName('a/b'), one('a/b', 'roleSessionName', pattern)],
    [
      () => checkSessionName('x'.repeat(65)),
      one('x'.repeat(65), 'roleSessionName', 'have length less than or equal to 64'),
    ],
    [
      () => checkSessionName('/'),
      validation(
        `2 validation errors detected: ${constraint('/', 'roleSessionName', pattern)}; ` +
          constraint('/', 'roleSessionName', 'have length greater than or equal to 2'),
      ),
    ],
    [() => roleNameOf('role'), one('role', 'roleArn', 'have length greater than or equal to 20')],
    [() => roleNameOf('arn:aws:iam::1:role/deploy'), validation('arn:aws:iam::1:role/deploy is invalid')],
    [
      () => sessionSeconds(899, 3600),
      one('899', 'durationSeconds', 'have value greater than or equal to 900'),
    ],
    [
      () => sessionSeconds(43_201, 43_200),
      one('43201', 'durationSeconds', 'have value less than or equal to 43200'),
    ],
    [
      () => sessionSeconds(7200, 3600),
      validation('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
    ],
    [
      () => sessionSeconds(7200, 7200, true),
      validation(/1 hour session limit for roles assumed by role chaining/),
    ],
    [
      () => sessionLimits({ Policy: policyOf(2049) }),
      validation(/at 'policy' .* less than or equal to 2048/),
    ],
    [() => sessionLimits({ Policy: '{' }), { code: 'MalformedPolicyDocument' }],
    [
      () => sessionLimits({ PolicyArns: [{ arn: 'ReadOnlyAccess' }] }),
      validation(/ReadOnlyAccess is not valid/),
    ],
    [
      () =>
        sessionLimits({
          PolicyArns: Array.from({ length: 11 }, () => ({ arn: 'arn:aws:iam::aws:policy/x' })),
        }),
      validation(/at 'policyArns' .* less than or equal to 10/),
    ],
    [() => sessionLimits({ Tags: tags(51, 1) }), validation(/at 'tags' .* less than or equal to 50/)],
    [
      () => sessionLimits({ Tags: tags(1, 257) }),
      validation(/at 'tags.1.member.value' .* less than or equal to 256/),
    ],
    [
      () =>
        sessionLimits({
          Tags: [
            { Key: 'a', Value: '' },
            { Key: 'A', Value: '' },
          ],
        }),
      { code: 'InvalidParameterValue' },
    ],
    [
      () => sessionLimits({ Tags: tags(50, 256) }),
      {
        code: 'PackedPolicyTooLarge',
        message: 'Packed size of session tags consumes 316% of allotted space.',
      },
    ],
  ];
  for (const [ask, error] of rows) assert.throws(ask, error);
});

test('what is within the limits says how much of the space it takes', () => {
  assert.deepEqual(sessionLimits({}), {});
  assert.deepEqual(sessionLimits({ Tags: tags(1, 256) }).packedSize, 7);
  assert.equal(sessionSeconds(undefined, 3600, true), 3600);
  assert.equal(checkSessionName('me@example.com,+=.-_'), 'me@example.com,+=.-_');
});
