import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import { localAccessKey } from '../region/credentials.ts';

/** Where commands go. Between AWS and a local region nothing else differs. */
export interface Target {
  readonly kind: 'local' | 'aws';
  /** Of a local region, where it also tells what AWS has no API for. */
  readonly localEndpoint?: string;
  readonly clients: Clients;
  /** Between two looks at something that is in progress. */
  readonly pollMs: number;
}

/** AWS's official clients, each loaded when it is first asked for. */
export interface Clients {
  cloudformation(): Promise<CloudFormationClient>;
  cloudwatch(): Promise<CloudWatchClient>;
  logs(): Promise<CloudWatchLogsClient>;
  ec2(): Promise<EC2Client>;
  ecr(): Promise<ECRClient>;
  ecs(): Promise<ECSClient>;
  elbv2(): Promise<ElasticLoadBalancingV2Client>;
  iam(): Promise<IAMClient>;
  rds(): Promise<RDSClient>;
  ssm(): Promise<SSMClient>;
  sts(): Promise<STSClient>;
}

export function localTarget(endpoint: string, region: string): Target {
  const credentials = localAccessKey(process.env);
  // A file of AWS profiles on the machine is not meant for the local region: nothing of it is read.
  const config = { endpoint, region, credentials };
  return { kind: 'local', pollMs: 150, localEndpoint: endpoint, clients: clients(config) };
}

/** Loads the clients that every release needs, while something else is waited for. */
export function warmUp({ clients }: Target): void {
  // Whoever needs it learns what is wrong with it.
  for (const load of [clients.cloudformation, clients.ssm, clients.ecs, clients.ecr, clients.logs])
    load().catch(() => {});
}

/** The default credential chain and, for tests and proxies, AWS_ENDPOINT_URL: both are the SDK's own. */
export function awsTarget(region: string): Target {
  return { kind: 'aws', pollMs: 2_000, clients: clients({ region, requestHandler: patience }) };
}

/** The SDK waits for ever where a network swallows what is sent. Chosen: far longer than any call that is made here takes. */
const patience = { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true };

interface ClientConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly requestHandler?: typeof patience;
}

function clients(config: ClientConfig): Clients {
  return {
    cloudformation: once(
      async () => new (await import('@aws-sdk/client-cloudformation')).CloudFormationClient(config),
    ),
    cloudwatch: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient(config)),
    logs: once(
      async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient(config),
    ),
    ec2: once(async () => new (await import('@aws-sdk/client-ec2')).EC2Client(config)),
    ecr: once(async () => new (await import('@aws-sdk/client-ecr')).ECRClient(config)),
    ecs: once(async () => new (await import('@aws-sdk/client-ecs')).ECSClient(config)),
    elbv2: once(
      async () =>
        new (await import('@aws-sdk/client-elastic-load-balancing-v2')).ElasticLoadBalancingV2Client(config),
    ),
    iam: once(async () => new (await import('@aws-sdk/client-iam')).IAMClient(config)),
    rds: once(async () => new (await import('@aws-sdk/client-rds')).RDSClient(config)),
    ssm: once(async () => new (await import('@aws-sdk/client-ssm')).SSMClient(config)),
    sts: once(async () => new (await import('@aws-sdk/client-sts')).STSClient(config)),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
