import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from './http.ts';
import { identify } from './identify.ts';

const request = (over: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: {},
  body: new Uint8Array(),
  ...over,
});

const form = (text: string): HttpRequest =>
  request({
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: Buffer.from(text),
  });

const target = (name: string, contentType = 'application/x-amz-json-1.1'): HttpRequest =>
  request({ headers: { 'x-amz-target': name, 'content-type': contentType } });

const rows: readonly {
  readonly name: string;
  readonly request: HttpRequest;
  readonly signed?: string;
  readonly expected: readonly [service: string, protocol: string] | undefined;
}[] = [
  {
    name: 'a target names a JSON service, signed or not',
    request: target('AmazonEC2ContainerServiceV20141113.ListClusters'),
    expected: ['ecs', 'json-1.1'],
  },
  {
    name: 'the content type tells JSON 1.0',
    request: target('AmazonSSM.GetParameter', 'application/x-amz-json-1.0'),
    signed: 'ssm',
    expected: ['ssm', 'json-1.0'],
  },
  {
    name: "an unknown target is nobody's",
    request: target('Kinesis_20131202.ListStreams'),
    signed: 'kinesis',
    expected: undefined,
  },
  {
    name: 'a signed query request belongs to the service that it is signed for',
    request: form('Action=DescribeStacks&Version=2010-05-15'),
    signed: 'cloudformation',
    expected: ['cloudformation', 'query'],
  },
  {
    name: 'the parameters of a query request may be in the address',
    request: request({ method: 'GET', query: 'Action=DescribeVpcs&Version=2016-11-15' }),
    signed: 'ec2',
    expected: ['ec2', 'ec2-query'],
  },
  {
    name: 'a service that once spoke query is still understood in it',
    request: form('Action=PutMetricData&Version=2010-08-01'),
    signed: 'monitoring',
    expected: ['cloudwatch', 'query'],
  },
  {
    name: 'an unsigned query request is told by its version',
    request: form('Action=AssumeRoleWithWebIdentity&Version=2011-06-15'),
    expected: ['sts', 'query'],
  },
  {
    name: "a version that the service does not have is nobody's: the classic load balancers have the name of the new ones",
    request: form('Action=DescribeLoadBalancers&Version=2012-06-01'),
    signed: 'elasticloadbalancing',
    expected: undefined,
  },
  {
    name: 'smithy-rpc-v2 names the service in its path',
    request: request({
      path: '/service/TrentService/operation/ListKeys',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    }),
    expected: ['kms', 'rpc-cbor'],
  },
  {
    name: 'a REST request belongs to the service that it is signed for',
    request: request({ path: '/bucket' }),
    signed: 's3',
    expected: ['s3', 's3'],
  },
  {
    name: "an object whose query looks like an action is S3's",
    request: request({ method: 'GET', path: '/b/k', query: 'Action=x&Version=2011-06-15' }),
    signed: 's3',
    expected: ['s3', 's3'],
  },
  {
    name: "an unsigned REST request can only be S3's",
    request: request({ method: 'GET', path: '/bucket/key' }),
    expected: ['s3', 's3'],
  },
  {
    name: "a REST request signed for another service is nobody's",
    request: request({ path: '/2013-04-01/hostedzone' }),
    signed: 'route53',
    expected: undefined,
  },
];

for (const { name, request, signed, expected } of rows) {
  test(name, () => {
    const identity = identify(request, signed === undefined ? {} : { service: signed });
    assert.deepEqual(identity && [identity.service, identity.protocol], expected);
  });
}
