import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defineService } from './definition/define-service.ts';
import { synthesize } from './synthesize.ts';
import { temporaryFolder } from './testing/example-app.ts';

const definition = defineService({
  name: 'shop',
  scaling: { min: 3, max: 5 },
  database: { engine: 'postgres' },
  tags: { team: 'web' },
  environments: { prod: { region: 'eu-west-1', domain: 'shop.example.com' } },
});
const outdir = temporaryFolder();
const synthesis = await synthesize(definition, 'prod', { outdir });

test('stacks come in the order in which they can be deployed', () => {
  const before = new Set<string>();
  for (const { name, dependsOn } of synthesis.stacks) {
    assert.ok(
      dependsOn.every((dependency) => before.has(dependency)),
      name,
    );
    before.add(name);
  }
  assert.deepEqual(
    [...before],
    ['network-prod', 'shop-registry', 'shop-prod-data', 'shop-prod-service', 'shop-prod-monitoring'],
  );
});

test('each template is on disk as it is returned', () => {
  for (const { templateFile, template } of synthesis.stacks) {
    assert.deepEqual(JSON.parse(readFileSync(templateFile, 'utf8')), template);
  }
});

test('every parameter of a template says where its value comes from', () => {
  const { parameters } = stack('shop-prod-service');
  assert.deepEqual(parameters['VpcId'], { from: 'ssm', name: '/plimsoll/prod/network/vpc-id' });
  assert.deepEqual(parameters['ImageDigest'], { from: 'image', repository: 'shop' });
});

test('each parameter that is read from SSM is published by a stack that is deployed before', () => {
  const published = new Set<unknown>();
  for (const { parameters, template } of synthesis.stacks) {
    for (const source of Object.values(parameters)) {
      if (source.from === 'ssm') assert.ok(published.has(source.name), source.name);
    }
    for (const { Type, Properties } of Object.values(template['Resources'] as Resources)) {
      if (Type === 'AWS::SSM::Parameter') published.add(Properties['Name']);
    }
  }
});

test('stacks are tagged with the service, the environment and what the user says', () => {
  assert.deepEqual(stack('shop-prod-service').tags, {
    team: 'web',
    'plimsoll:service': 'shop',
    'plimsoll:environment': 'prod',
  });
});

test('the shared network belongs to no service, and the registry to no environment', () => {
  assert.equal(stack('network-prod').tags['plimsoll:service'], undefined);
  assert.equal(stack('shop-registry').tags['plimsoll:environment'], undefined);
});

test('what is not emitted is announced', () => {
  assert.deepEqual(synthesis.warnings, [
    "prod: domain is not emitted yet: the service answers at its load balancer's name.",
  ]);
});

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
>;

function stack(name: string) {
  const found = synthesis.stacks.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}
