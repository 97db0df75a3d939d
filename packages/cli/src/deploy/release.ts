/**
 * A deployment: the stacks in the order of their dependencies, the image between the registry and the service, the
 * migrations before new tasks meet the database. On the first deployment there is no task definition to migrate with before
 * the service's own stack, so that they run right after it.
 */
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import type { ResolvedEnvironment, StackArtifact, Synthesis } from '@plimsoll/blueprint';
import { nameOf } from '../errors.ts';
import type { Target } from './clients.ts';
import { deployStack } from './deploy-stack.ts';
import { runSteps, type Step } from './graph.ts';
import { migrate } from './migration.ts';
import type { Operation } from './operation.ts';
import { imageRepository, parametersFor, repositoryStack } from './parameters.ts';
import { outputsOf } from './stack-status.ts';
import { describeStack } from './stacks.ts';

export interface Release {
  readonly resolved: ResolvedEnvironment;
  readonly synthesis: Synthesis;
  /** Puts the image into the repository, which is there by then, and tells its digest. */
  publishImage(repository: string): Promise<string>;
}

/** @throws UserError with the first failure, after what ran beside it has ended */
export async function deployRelease(operation: Operation, release: Release): Promise<void> {
  const { synthesis } = release;
  for (const text of synthesis.warnings) operation.report({ kind: 'warning', text });
  await runSteps(synthesis.stacks.flatMap((stack) => stepsFor(operation, release, stack)));
}

function stepsFor(operation: Operation, release: Release, stack: StackArtifact): readonly Step[] {
  const repository = imageRepository(stack);
  const { name, dependsOn } = stack;
  if (repository === undefined)
    return [{ name, dependsOn, run: () => deployStack(operation, stack, parametersFor(stack, {})) }];
  const image = `image of ${name}`;
  const registry = repositoryStack(release.synthesis.stacks, repository);
  let digest = '';
  return [
    {
      name: image,
      dependsOn: registry === undefined ? [] : [registry.name],
      run: async () => {
        digest = await release.publishImage(repository);
      },
    },
    {
      name,
      dependsOn: [...dependsOn, image],
      run: () => deployService(operation, release, { stack, digest }),
    },
  ];
}

async function deployService(
  operation: Operation,
  { resolved }: Release,
  { stack, digest }: { readonly stack: StackArtifact; readonly digest: string },
): Promise<void> {
  const { target } = operation;
  const outputs = await serviceOutputs(target, stack);
  const runMigrations = async (outputs: Readonly<Record<string, string>>): Promise<void> => {
    const { service, environment, migrate: command } = resolved;
    if (command === undefined) return;
    await migrate(operation, { service, environment, command, imageDigest: digest, outputs });
  };
  if (outputs !== undefined) await runMigrations(outputs);
  await deployStack(operation, stack, parametersFor(stack, { imageDigest: digest }));
  if (outputs === undefined) await runMigrations((await serviceOutputs(target, stack)) ?? {});
}

/** What the stack of a service that was deployed once tells about it; undefined before that. */
async function serviceOutputs(
  target: Target,
  { name }: StackArtifact,
): Promise<Readonly<Record<string, string>> | undefined> {
  const outputs = outputsOf(await describeStack(await target.clients.cloudformation(), name));
  return outputs['TaskDefinitionArn'] === undefined ? undefined : outputs;
}

/** The desired count that the service has, whoever chose it. */
export async function runningCount(
  target: Target,
  outputs: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  const { ClusterName: cluster, ServiceName: service } = outputs;
  if (cluster === undefined || service === undefined) return undefined;
  const ecs = await target.clients.ecs();
  try {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    const [found] = services ?? [];
    return found?.status === 'ACTIVE' ? found.desiredCount : undefined;
  } catch (error) {
    if (nameOf(error) === 'ClusterNotFoundException') return undefined;
    throw error;
  }
}
