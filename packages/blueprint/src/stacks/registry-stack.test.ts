import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { exampleApp } from '../testing/example-app.ts';

const registry = exampleApp().stacks.find(({ stackName }) => stackName === 'devops-app-registry');

test('a pushed tag stays what it was, and each image is scanned', () => {
  assert.ok(registry);
  Template.fromStack(registry).hasResourceProperties('AWS::ECR::Repository', {
    RepositoryName: 'devops-app',
    ImageTagMutability: 'IMMUTABLE',
    ImageScanningConfiguration: { ScanOnPush: true },
  });
});

test('images without a tag go after a week and the newest hundred stay', () => {
  assert.ok(registry);
  const [repository] = Object.values(Template.fromStack(registry).findResources('AWS::ECR::Repository'));
  const { rules } = JSON.parse(repository?.['Properties'].LifecyclePolicy.LifecyclePolicyText);
  assert.deepEqual(
    rules.map(({ selection }: { readonly selection: unknown }) => selection),
    [
      { tagStatus: 'untagged', countType: 'sinceImagePushed', countNumber: 7, countUnit: 'days' },
      { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 100 },
    ],
  );
});

test('the images of a protected environment cannot go by accident', () => {
  assert.equal(registry?.terminationProtection, true);
});
