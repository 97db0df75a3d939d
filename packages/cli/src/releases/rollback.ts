/**
 * Back to an earlier release: the same update of the service's stack as in a deployment, with the template that it has and
 * the earlier image. Nothing is built and no migration runs, in either direction: whether the earlier code can work with the
 * database as it is now, only its authors know.
 */
import type { Parameter, Stack } from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { deployStack } from '../deploy/deploy-stack.ts';
import type { Operation } from '../deploy/operation.ts';
import { templateOf } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { findImage } from '../image/registry.ts';
import { confirm } from '../render/confirm.ts';
import { durationText } from '../render/event-line.ts';
import { reporter } from '../render/reporter.ts';
import { deployedService } from './deployed-service.ts';
import { openTarget, type TargetFlags } from './open-target.ts';
import { chooseRollback, type ReleaseRecord } from './release-history.ts';

export interface RollbackFlags extends TargetFlags {
  readonly yes: boolean;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runRollback(
  host: Host,
  flags: RollbackFlags,
  name: string | undefined,
): Promise<number> {
  const began = performance.now();
  const { resolved, target } = await openTarget(host, flags);
  const { stack, imageDigest, history } = await deployedService(target, resolved);
  const choice = chooseRollback(history, imageDigest, name);
  if (choice.kind === 'refused') throw new UserError([choice.why, 'See what there is: plimsoll releases']);
  const { release } = choice;
  const { report, close } = reporter(host.terminal, flags);
  const operation: Operation = { target, report, signal: host.signal, insisted: host.insisted };
  try {
    await assertImage(operation, resolved.service, release);
    const service = `${resolved.service} (${resolved.environment})`;
    if (flags.target === 'aws' && !flags.yes)
      await confirm(host, `Roll ${service} back to release ${release.release} of ${release.started}?`);
    report({ kind: 'note', text: `Back to ${named(release)}, started ${release.started}` });
    if (resolved.migrate !== undefined)
      report({ kind: 'note', text: '  The database stays as it is: no migration is taken back.' });
    await deployStack(
      operation,
      await deployedArtifact(operation, stack),
      rollbackParameters(stack, release.imageDigest),
    );
    const took = durationText(performance.now() - began);
    report({ kind: 'note', text: `${service} is back at ${named(release)} after ${took}.` });
    return 0;
  } finally {
    close();
  }
}

/** Everything as it is but the image. */
export function rollbackParameters({ Parameters = [] }: Stack, imageDigest: string): readonly Parameter[] {
  return Parameters.map(({ ParameterKey = '' }) =>
    ParameterKey === 'ImageDigest'
      ? { ParameterKey, ParameterValue: imageDigest }
      : { ParameterKey, UsePreviousValue: true },
  );
}

function named({ release, imageDigest }: ReleaseRecord): string {
  return `release ${release} (${imageDigest.slice(0, 19)})`;
}

async function assertImage(
  { target }: Operation,
  repository: string,
  { release, imageDigest }: ReleaseRecord,
): Promise<void> {
  const found = await findImage(await target.clients.ecr(), repository, { digest: imageDigest });
  if (found !== undefined) return;
  throw new UserError([
    `The image of release ${release} is gone from the repository ${repository}: ${imageDigest}`,
    'Nothing was changed. Build it again from its source with `plimsoll deploy`, or name another: plimsoll releases',
  ]);
}

/** The stack as it was deployed, to be deployed again. */
async function deployedArtifact({ target }: Operation, stack: Stack): Promise<StackArtifact> {
  const { StackName: name = '', Tags = [], EnableTerminationProtection = false } = stack;
  const body = await templateOf(await target.clients.cloudformation(), name);
  return {
    name,
    templateFile: '',
    template: JSON.parse(body) as Readonly<Record<string, unknown>>,
    parameters: {},
    tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    dependsOn: [],
    terminationProtection: EnableTerminationProtection,
  };
}
