import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { expiredImages, type LifecycleRule, parseLifecyclePolicy } from './lifecycle.ts';
import type { ImageRecord } from './state.ts';

const day = 24 * 60 * 60 * 1000;
const now = instant(100 * day);

/** `name ageInDays tag,tag` */
function image(line: string): ImageRecord {
  const [name = '', age = '0', tags = ''] = line.split(' ');
  return {
    repositoryName: 'app',
    digest: name,
    manifest: '',
    mediaType: '',
    sizeInBytes: 0,
    tags: tags === '' ? [] : tags.split(','),
    pushedAt: instant(now - Number(age) * day),
  };
}

type Selection = LifecycleRule['selection'];
const keep = (countNumber: number, of: Partial<Selection>): Selection => ({
  tagStatus: 'tagged',
  countType: 'imageCountMoreThan',
  countNumber,
  ...of,
});
const older = (countNumber: number, of: Partial<Selection>): Selection => ({
  tagStatus: 'tagged',
  countType: 'sinceImagePushed',
  countUnit: 'days',
  countNumber,
  ...of,
});

const rows: readonly [string, readonly Selection[], readonly string[], readonly string[]][] = [
  ['the oldest beyond the count', [keep(2, { tagStatus: 'any' })], ['a 3', 'b 1 x', 'c 2'], ['a']],
  ['images older than the days', [older(7, { tagStatus: 'any' })], ['a 8', 'b 7', 'c 6 x'], ['a']],
  ['untagged images only', [keep(1, { tagStatus: 'untagged' })], ['a 9 x', 'b 3', 'c 2'], ['b']],
  [
    'tags with a prefix only',
    [keep(1, { tagPrefixList: ['pr'] })],
    ['a 9 pr1', 'b 3 pr2', 'c 8 main'],
    ['a'],
  ],
  [
    'tags of a pattern only',
    [keep(1, { tagPatternList: ['*-rc'] })],
    ['a 9 1-rc', 'b 3 2-rc', 'c 8 1'],
    ['a'],
  ],
  [
    'images that have a tag for each prefix of the list',
    [older(1, { tagPrefixList: ['a', 'b'] })],
    ['x 9 a1', 'y 9 a1,b1', 'z 9 b1'],
    ['y'],
  ],
  [
    'nothing that an earlier rule selected, though it let it live',
    [keep(5, { tagPrefixList: ['prod'] }), keep(1, { tagStatus: 'any' })],
    ['a 9 prod1', 'b 8 dev', 'c 1 dev2'],
    ['b'],
  ],
  [
    'by counting images that an earlier rule took',
    [keep(1, { tagPrefixList: ['prod'] }), keep(2, { tagStatus: 'any' })],
    ['a 9 prod1', 'b 1 prod2', 'c 5 dev'],
    ['a'],
  ],
];

describe('a lifecycle policy expires', () => {
  for (const [name, selections, images, expected] of rows) {
    it(name, () => {
      const rules = selections.map((selection, index) => ({ rulePriority: index + 1, selection }));
      const expired = expiredImages(rules.toReversed(), images.map(image), now);
      assert.deepEqual(
        expired.map(({ digest }) => digest),
        expected,
      );
    });
  }
});

const action = { type: 'expire' };
const texts: readonly [string, unknown, RegExp][] = [
  ['no rules', {}, /missing required properties \(\["rules"\]\)/],
  [
    'a rule without an action',
    { rules: [{ rulePriority: 1, selection: {} }] },
    /missing required properties \(\["action"\]\)/,
  ],
  [
    'another action',
    { rules: [{ rulePriority: 1, selection: {}, action: { type: 'keep' } }] },
    /"keep".*possible values: \["expire"\]/,
  ],
  [
    'tagged without a list',
    { rules: [{ rulePriority: 1, selection: keep(1, {}), action }] },
    /tagPrefixList or tagPatternList/,
  ],
  [
    'a count of zero',
    { rules: [{ rulePriority: 1, selection: keep(0, { tagStatus: 'any' }), action }] },
    /minimum: 1, found: 0/,
  ],
  [
    'one priority twice',
    {
      rules: [1, 1].map((rulePriority) => ({
        rulePriority,
        selection: keep(1, { tagStatus: 'untagged' }),
        action,
      })),
    },
    /unique/,
  ],
  [
    '`any` before another rule',
    {
      rules: (['any', 'untagged'] as const).map((tagStatus, i) => ({
        rulePriority: i + 1,
        selection: keep(1, { tagStatus }),
        action,
      })),
    },
    /highest rulePriority/,
  ],
];

describe('a lifecycle policy is refused with', () => {
  for (const [name, policy, message] of texts) {
    it(name, () => {
      assert.throws(() => parseLifecyclePolicy(JSON.stringify(policy)), {
        code: 'InvalidParameterException',
        message,
      });
    });
  }
});
