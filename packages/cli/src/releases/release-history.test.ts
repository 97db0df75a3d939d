import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceDeployment, ServiceDeploymentStatus, ServiceRevision } from '@aws-sdk/client-ecs';
import { chooseRollback, type ReleaseRecord, releaseHistory } from './release-history.ts';

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** From a history in words, newest first: `3 c SUCCESSFUL`. */
function history(...lines: readonly string[]): readonly ReleaseRecord[] {
  return lines.map((line) => {
    const [release = '', letter = '', status = ''] = line.split(' ');
    const started = '2026-11-22T10:00:00.000Z';
    const taskDefinition = `shop-prod:${release}`;
    return {
      release,
      imageDigest: letter === '-' ? '' : digest(letter),
      taskDefinition,
      status,
      started,
      isCurrent: false,
    };
  });
}

const threeGood = history('3 c SUCCESSFUL', '2 b SUCCESSFUL', '1 a SUCCESSFUL');
const rows: readonly (readonly [
  what: string,
  past: readonly ReleaseRecord[],
  running: string,
  name: string | undefined,
  expected: string | RegExp,
])[] = [
  ['without a name: the one before', threeGood, 'c', undefined, '2'],
  [
    'after a rollback: further back, not to what was left',
    history('4 b SUCCESSFUL', '3 c SUCCESSFUL', '2 b SUCCESSFUL', '1 a SUCCESSFUL'),
    'b',
    undefined,
    '1',
  ],
  [
    'one that failed is passed over',
    history('3 c SUCCESSFUL', '2 b ROLLBACK_SUCCESSFUL', '1 a SUCCESSFUL'),
    'c',
    undefined,
    '1',
  ],
  [
    'the same image deployed twice is one release',
    history('3 b SUCCESSFUL', '2 b SUCCESSFUL', '1 a SUCCESSFUL'),
    'b',
    undefined,
    '1',
  ],
  ['the first release', history('1 a SUCCESSFUL'), 'a', undefined, /no earlier release/],
  [
    'one whose image ECS no longer tells',
    history('2 b SUCCESSFUL', '1 - SUCCESSFUL'),
    'b',
    undefined,
    /no earlier/,
  ],
  ['by number', threeGood, 'c', '1', '1'],
  ['by digest', threeGood, 'c', digest('b'), '2'],
  ['by how the digest begins', threeGood, 'c', 'aaaaaa', '1'],
  ['by too little of a digest', threeGood, 'c', 'aaa', /no release 'aaa'/],
  ['by a number that is not there', threeGood, 'c', '9', /no release '9'/],
  ['to what runs', threeGood, 'c', '3', /Release 3 runs already/],
];

for (const [what, past, running, name, expected] of rows) {
  test(`rollback: ${what}`, () => {
    const choice = chooseRollback(past, digest(running), name);
    if (typeof expected === 'string') {
      assert.equal(choice.kind === 'release' && choice.release.release, expected);
    } else {
      assert.match(choice.kind === 'refused' ? choice.why : '', expected);
    }
  });
}

test('the history has the newest first, with image, status and reason; the current is the last successful of its definition', () => {
  const arn = (revision: number): string => `arn:aws:ecs:x:0:task-definition/shop-prod:${revision}`;
  const revision = (id: string, number: number, letter: string): ServiceRevision => ({
    serviceRevisionArn: id,
    taskDefinition: arn(number),
    containerImages: [
      { containerName: 'sidecar', image: `proxy@${digest('f')}` },
      { containerName: 'shop', image: `repository/shop@${digest(letter)}` },
    ],
  });
  const deployment = (
    id: string,
    minute: number,
    status: ServiceDeploymentStatus,
    rest: Partial<ServiceDeployment> = {},
  ): ServiceDeployment => ({
    targetServiceRevision: { arn: id },
    startedAt: new Date(Date.UTC(2026, 10, 22, 10, minute)),
    finishedAt: new Date(Date.UTC(2026, 10, 22, 10, minute + 1)),
    status,
    ...rest,
  });
  const found = releaseHistory(
    {
      deployments: [
        deployment('r1', 0, 'SUCCESSFUL'),
        deployment('r2', 5, 'ROLLBACK_SUCCESSFUL', { statusReason: 'x', rollback: { reason: 'breaker' } }),
        deployment('r1', 7, 'SUCCESSFUL'),
      ],
      revisions: [revision('r1', 1, 'a'), revision('r2', 2, 'b')],
    },
    'shop',
    arn(1),
  );
  assert.deepEqual(
    found.map(({ release, imageDigest, status, reason, isCurrent }) => [
      release,
      imageDigest.slice(7, 8),
      status,
      reason,
      isCurrent,
    ]),
    [
      ['1', 'a', 'SUCCESSFUL', undefined, true],
      ['2', 'b', 'ROLLBACK_SUCCESSFUL', 'breaker', false],
      ['1', 'a', 'SUCCESSFUL', undefined, false],
    ],
  );
  assert.equal(found[0]?.finished, '2026-11-22T10:08:00.000Z');
});
