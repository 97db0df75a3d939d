import type { ServiceName } from '../kernel/service-calls.ts';

/**
 * The protocols as this region tells them apart. `s3` is REST-XML with the bucket in the host name or the path.
 * The name is the one a service's official SDK speaks; other clients may use another one for the same service.
 */
export type ProtocolName =
  | 'query'
  | 'ec2-query'
  | 'json-1.0'
  | 'json-1.1'
  | 'rest-xml'
  | 'rest-json'
  | 'rpc-cbor'
  | 's3';

/** What must be known of a service before its schemas are loaded: enough to tell whose request it is. */
export interface ServiceEntry {
  /** The SDK's package that carries the schemas. */
  readonly client: string;
  /** The service in the SigV4 credential scope. */
  readonly signingName: string;
  readonly protocol: ProtocolName;
  /** The `Version` of query requests. */
  readonly version: string;
  /** Before the dot in `X-Amz-Target`; also the service's name in the path of smithy-rpc-v2 requests. */
  readonly target: string;
  readonly xmlNamespace?: string;
  /** Older clients speak the query protocol to it, and its errors keep their query codes for newer ones. */
  readonly isQueryCompatible?: true;
  /** Operations that AWS answers unsigned. Links to them carry no version, so no two services may name the same. */
  readonly unsigned?: readonly string[];
}

/**
 * Written down rather than read from the SDK, because reading it would load every client at start (half a second, 150 MB).
 * catalog.test.ts compares each entry with the client's own configuration.
 */
export const catalog: { readonly [S in ServiceName]: ServiceEntry } = {
  acm: {
    client: '@aws-sdk/client-acm',
    signingName: 'acm',
    protocol: 'json-1.1',
    version: '2015-12-08',
    target: 'CertificateManager',
  },
  applicationautoscaling: {
    client: '@aws-sdk/client-application-auto-scaling',
    signingName: 'application-autoscaling',
    protocol: 'json-1.1',
    version: '2016-02-06',
    target: 'AnyScaleFrontendService',
  },
  cloudformation: {
    client: '@aws-sdk/client-cloudformation',
    signingName: 'cloudformation',
    protocol: 'query',
    version: '2010-05-15',
    target: 'CloudFormation',
    xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  },
  cloudwatch: {
    client: '@aws-sdk/client-cloudwatch',
    signingName: 'monitoring',
    protocol: 'json-1.0',
    isQueryCompatible: true,
    version: '2010-08-01',
    target: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  },
  ec2: {
    client: '@aws-sdk/client-ec2',
    signingName: 'ec2',
    protocol: 'ec2-query',
    version: '2016-11-15',
    target: 'AmazonEC2',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
  },
  ecr: {
    client: '@aws-sdk/client-ecr',
    signingName: 'ecr',
    protocol: 'json-1.1',
    version: '2015-09-21',
    target: 'AmazonEC2ContainerRegistry_V20150921',
    xmlNamespace: 'http://ecr.amazonaws.com/doc/2015-09-21/',
  },
  ecs: {
    client: '@aws-sdk/client-ecs',
    signingName: 'ecs',
    protocol: 'json-1.1',
    version: '2014-11-13',
    target: 'AmazonEC2ContainerServiceV20141113',
    xmlNamespace: 'http://ecs.amazonaws.com/doc/2014-11-13/',
  },
  elbv2: {
    client: '@aws-sdk/client-elastic-load-balancing-v2',
    signingName: 'elasticloadbalancing',
    protocol: 'query',
    version: '2015-12-01',
    target: 'ElasticLoadBalancing_v10',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  },
  iam: {
    client: '@aws-sdk/client-iam',
    signingName: 'iam',
    protocol: 'query',
    version: '2010-05-08',
    target: 'AWSIdentityManagementV20100508',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  },
  kms: {
    client: '@aws-sdk/client-kms',
    signingName: 'kms',
    protocol: 'json-1.1',
    version: '2014-11-01',
    target: 'TrentService',
    xmlNamespace: 'https://trent.amazonaws.com/doc/2014-11-01/',
  },
  logs: {
    client: '@aws-sdk/client-cloudwatch-logs',
    signingName: 'logs',
    protocol: 'json-1.1',
    version: '2014-03-28',
    target: 'Logs_20140328',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2014-03-28/',
  },
  rds: {
    client: '@aws-sdk/client-rds',
    signingName: 'rds',
    protocol: 'query',
    version: '2014-10-31',
    target: 'AmazonRDSv19',
    xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
  },
  s3: {
    client: '@aws-sdk/client-s3',
    signingName: 's3',
    protocol: 's3',
    version: '2006-03-01',
    target: 'AmazonS3',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
  },
  secretsmanager: {
    client: '@aws-sdk/client-secrets-manager',
    signingName: 'secretsmanager',
    protocol: 'json-1.1',
    version: '2017-10-17',
    target: 'secretsmanager',
  },
  sns: {
    client: '@aws-sdk/client-sns',
    signingName: 'sns',
    protocol: 'query',
    version: '2010-03-31',
    target: 'AmazonSimpleNotificationService',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    unsigned: ['ConfirmSubscription', 'Unsubscribe'],
  },
  ssm: {
    client: '@aws-sdk/client-ssm',
    signingName: 'ssm',
    protocol: 'json-1.1',
    version: '2014-11-06',
    target: 'AmazonSSM',
    xmlNamespace: 'http://ssm.amazonaws.com/doc/2014-11-06/',
  },
  sts: {
    client: '@aws-sdk/client-sts',
    signingName: 'sts',
    protocol: 'query',
    version: '2011-06-15',
    target: 'AWSSecurityTokenServiceV20110615',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    unsigned: ['AssumeRoleWithWebIdentity'],
  },
};

/** The services' names, in the catalog's order. */
export const serviceNames = Object.keys(catalog) as readonly ServiceName[];
