/** Stacks as they are deployed, to be made again elsewhere. */
import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import type { Target } from '../deploy/clients.ts';
import { levelOf } from '../deploy/destroy.ts';
import { preparationFor } from '../deploy/stack-status.ts';
import { describeStack, templateOf } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';

export interface DeployedStack {
  readonly artifact: StackArtifact;
  readonly parameters: readonly Parameter[];
  /** The stacks of lower ones are made before it. */
  readonly level: number;
}

/** @returns undefined if it is not there, or has never had a resource */
export async function deployedStack(target: Target, name: string): Promise<DeployedStack | undefined> {
  const client = await target.clients.cloudformation();
  const stack = await describeStack(client, name);
  if (stack === undefined || preparationFor(stack.StackStatus) === 'create') return undefined;
  const { Parameters = [], Tags = [], EnableTerminationProtection = false } = stack;
  const secret = Parameters.find(({ ParameterValue }) => ParameterValue === '****');
  if (secret !== undefined)
    throw new UserError(
      `${name} has the parameter ${secret.ParameterKey}, which nobody is told (NoEcho): it cannot be made again.`,
    );
  return {
    artifact: {
      name,
      templateFile: '',
      template: parsed(name, await templateOf(client, name)),
      parameters: {},
      tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      dependsOn: [],
      terminationProtection: EnableTerminationProtection,
    },
    parameters: Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => ({
      ParameterKey,
      ParameterValue,
    })),
    level: levelOf(stack),
  };
}

function parsed(name: string, body: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    throw new UserError(`The template of ${name} is not JSON: somebody else deployed it.`);
  }
}
