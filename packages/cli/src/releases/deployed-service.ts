import type { Stack } from '@aws-sdk/client-cloudformation';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
  type ServiceRevision,
} from '@aws-sdk/client-ecs';
import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import type { Target } from '../deploy/clients.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { allStacks } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { type ReleaseRecord, releaseHistory } from './release-history.ts';

export interface DeployedService {
  readonly stack: Stack;
  /** Digest of the image that the stack has now. */
  readonly imageDigest: string;
  /** Newest first. */
  readonly history: readonly ReleaseRecord[];
}

type Which = Pick<ResolvedEnvironment, 'service' | 'environment'>;

/** @throws UserError if the service was never deployed there */
export async function deployedService(target: Target, which: Which): Promise<DeployedService> {
  const stacks = await allStacks(await target.clients.cloudformation());
  const stack = stacks.find((one) => isServiceStack(one, which));
  const { ClusterName: cluster, ServiceName: service } = outputsOf(stack);
  if (stack === undefined || cluster === undefined || service === undefined) {
    throw new UserError([
      `${which.service} (${which.environment}) is not deployed there.`,
      'Deploy it: plimsoll deploy',
    ]);
  }
  const ecs = await target.clients.ecs();
  const [facts, current] = await Promise.all([
    deploymentsOf(ecs, cluster, service),
    ecs.send(new DescribeServicesCommand({ cluster, services: [service] })),
  ]);
  return {
    stack,
    imageDigest: parameterOf(stack, 'ImageDigest') ?? '',
    history: releaseHistory(facts, which.service, current.services?.[0]?.taskDefinition),
  };
}

export function parameterOf({ Parameters = [] }: Stack, name: string): string | undefined {
  return Parameters.find(({ ParameterKey }) => ParameterKey === name)?.ParameterValue;
}

function isServiceStack(stack: Stack, { service, environment }: Which): boolean {
  const tags = Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  return (
    tags['plimsoll:service'] === service &&
    tags['plimsoll:environment'] === environment &&
    parameterOf(stack, 'ImageDigest') !== undefined
  );
}

/** ECS keeps them for 90 days. */
async function deploymentsOf(
  ecs: ECSClient,
  cluster: string,
  service: string,
): Promise<{
  readonly deployments: readonly ServiceDeployment[];
  readonly revisions: readonly ServiceRevision[];
}> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(
      new ListServiceDeploymentsCommand({ cluster, service, ...(nextToken !== undefined && { nextToken }) }),
    );
    arns.push(
      ...(page.serviceDeployments ?? []).map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const deployments: ServiceDeployment[] = [];
  const revisions: ServiceRevision[] = [];
  // Both take twenty at a time.
  for (let start = 0; start < arns.length; start += 20) {
    const { serviceDeployments = [] } = await ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns.slice(start, start + 20) }),
    );
    const wanted = [
      ...new Set(serviceDeployments.flatMap(({ targetServiceRevision: one }) => one?.arn ?? [])),
    ];
    const described = await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: wanted }));
    deployments.push(...serviceDeployments);
    revisions.push(...(described.serviceRevisions ?? []));
  }
  return { deployments, revisions };
}
