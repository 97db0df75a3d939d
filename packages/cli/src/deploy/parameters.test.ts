import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackArtifact } from '../testing/stack-artifact.ts';
import { imageRepository, parametersFor, repositoryStack } from './parameters.ts';
import { hasSameParameters, hasSameTags } from './unchanged.ts';

const stack = stackArtifact();
const digest = `sha256:${'a'.repeat(64)}`;

test('a release passes its image, and no desired count: scaling chose that; CloudFormation reads the rest from SSM', () => {
  assert.deepEqual(parametersFor(stack, { imageDigest: digest }), [
    { ParameterKey: 'ImageDigest', ParameterValue: digest },
  ]);
});

test('without a digest the last one is kept', () => {
  assert.deepEqual(parametersFor(stack, {})[0], { ParameterKey: 'ImageDigest', UsePreviousValue: true });
});

test("the stack that makes the image's repository is found by its template", () => {
  const registry = stackArtifact({
    name: 'shop-registry',
    parameters: {},
    template: { Resources: { R: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'shop' } } } },
  });
  assert.equal(imageRepository(stack), 'shop');
  assert.equal(imageRepository(registry), undefined);
  assert.equal(repositoryStack([stack, registry], 'shop'), registry);
  assert.equal(repositoryStack([stack, registry], 'other'), undefined);
});

const deployed = {
  StackName: stack.name,
  CreationTime: new Date(0),
  StackStatus: 'CREATE_COMPLETE' as const,
  Tags: [{ Key: 'team', Value: 'web' }],
  Parameters: [
    { ParameterKey: 'VpcId', ParameterValue: '/plimsoll/prod/network/vpc-id', ResolvedValue: 'vpc-1' },
    { ParameterKey: 'ImageDigest', ParameterValue: digest },
  ],
};

test('a stack is the same only with the same tags, parameters and values', () => {
  const given = parametersFor(stack, { imageDigest: digest });
  assert.equal(hasSameParameters(deployed, stack, given), true);
  assert.equal(hasSameTags(deployed, stack), true);
  const other = parametersFor(stack, { imageDigest: digest.replace('a', 'b') });
  assert.equal(hasSameParameters(deployed, stack, other), false);
  assert.equal(hasSameParameters({ ...deployed, Parameters: [] }, stack, given), false);
  assert.equal(hasSameTags(deployed, stackArtifact({ tags: { team: 'web', more: 'x' } })), false);
  assert.equal(hasSameTags(deployed, stackArtifact({ tags: { team: 'app' } })), false);
});
