import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stack } from '@aws-sdk/client-cloudformation';
import { fateOf, sharedBy, standsInNetwork } from './removal.ts';

const fates: readonly (readonly [type: string, policy: string | undefined, fate: string])[] = [
  ['AWS::EC2::VPC', undefined, 'deleted'],
  ['AWS::EC2::VPC', 'Retain', 'retained'],
  ['AWS::S3::Bucket', 'RetainExceptOnCreate', 'retained'],
  ['AWS::RDS::DBInstance', 'Snapshot', 'snapshot'],
  ['AWS::RDS::DBInstance', 'Delete', 'deleted'],
  ['AWS::RDS::DBInstance', undefined, 'snapshot'],
  ['AWS::RDS::DBCluster', undefined, 'snapshot'],
];

for (const [type, policy, fate] of fates) {
  test(`${type} with the deletion policy ${policy ?? 'that is not given'} is ${fate}`, () => {
    assert.equal(fateOf(type, { Type: type, ...(policy !== undefined && { DeletionPolicy: policy }) }), fate);
  });
}

test('a member of a database cluster goes with it', () => {
  const Properties = { DBClusterIdentifier: 'c' };
  assert.equal(fateOf('AWS::RDS::DBInstance', { Type: 'AWS::RDS::DBInstance', Properties }), 'deleted');
});

function stack(StackName: string, tags: Readonly<Record<string, string>>): Stack {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key: `plimsoll:${Key}`, Value }));
  return { StackName, Tags, CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE' };
}

const network = stack('network-prod', { environment: 'prod' });
const registry = stack('shop-registry', { service: 'shop' });
const service = stack('shop-prod-service', { service: 'shop', environment: 'prod' });
const other = stack('blog-prod-service', { service: 'blog', environment: 'prod' });
const stage = stack('shop-stage-service', { service: 'shop', environment: 'stage' });
const blog = stack('blog-registry', { service: 'blog' });
const of = { service: 'shop', environment: 'prod' };

test('a network stays for other services of the environment, a registry for other environments of the service', () => {
  const alone = [network, registry, service, blog];
  assert.equal(sharedBy(network, alone, of), undefined);
  assert.equal(sharedBy(registry, alone, of), undefined);
  const all = [...alone, other, stage];
  assert.equal(sharedBy(network, all, of), 'others use it: blog-prod-service');
  assert.equal(sharedBy(registry, all, of), 'others use it: shop-stage-service');
  assert.equal(sharedBy(service, all, of), undefined);
});

test('a network stays while something that is kept has an address in it', () => {
  const kept = { logicalId: 'Database', type: 'AWS::RDS::DBInstance', physicalId: 'shop-prod', why: '' };
  assert.equal(standsInNetwork(network, [kept]), 'what is kept stands in it: shop-prod');
  assert.equal(standsInNetwork(network, [{ ...kept, type: 'AWS::S3::Bucket' }]), undefined);
  assert.equal(standsInNetwork(registry, [kept]), undefined);
});
