import type { Parameter, Stack } from '@aws-sdk/client-cloudformation';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { StackArtifact } from '@plimsoll/blueprint';
import type { Target } from './clients.ts';
import { templateOf } from './stacks.ts';

/**
 * Whether the stack is already what an update would make of it: the same template, tags, parameters, and values behind
 * SSM parameters. CloudFormation would answer the same with an empty change set, which takes it much longer.
 */
export async function isDeployed(
  target: Target,
  deployed: Stack,
  wanted: StackArtifact,
  parameters: readonly Parameter[],
): Promise<boolean> {
  if (!hasSameTags(deployed, wanted) || !hasSameParameters(deployed, wanted, parameters)) return false;
  const client = await target.clients.cloudformation();
  if (!isSameTemplate(await templateOf(client, wanted.name), wanted.template)) return false;
  return hasSameSsmValues(target, deployed, wanted);
}

export function hasSameTags(deployed: Stack, wanted: StackArtifact): boolean {
  const tags = Object.fromEntries((deployed.Tags ?? []).map(({ Key = '', Value }) => [Key, Value]));
  const keys = Object.keys(wanted.tags);
  return keys.length === Object.keys(tags).length && keys.every((key) => tags[key] === wanted.tags[key]);
}

export function hasSameParameters(
  deployed: Stack,
  wanted: StackArtifact,
  given: readonly Parameter[],
): boolean {
  const current = currentParameters(deployed);
  const names = Object.keys(wanted.parameters);
  if (names.length !== current.size) return false;
  return names.every((name) => {
    const source = wanted.parameters[name];
    if (source?.from === 'ssm') return current.get(name)?.ParameterValue === source.name;
    const parameter = given.find(({ ParameterKey }) => ParameterKey === name);
    if (parameter === undefined) return false;
    return parameter.UsePreviousValue || current.get(name)?.ParameterValue === parameter.ParameterValue;
  });
}

function currentParameters({ Parameters = [] }: Stack): ReadonlyMap<string, Parameter> {
  return new Map(Parameters.map((parameter) => [parameter.ParameterKey ?? '', parameter]));
}

function isSameTemplate(body: string, template: Readonly<Record<string, unknown>>): boolean {
  try {
    return JSON.stringify(JSON.parse(body)) === JSON.stringify(template);
  } catch {
    // Somebody deployed it in YAML: the change set will tell.
    return false;
  }
}

async function hasSameSsmValues(target: Target, deployed: Stack, wanted: StackArtifact): Promise<boolean> {
  const current = currentParameters(deployed);
  const sources = Object.entries(wanted.parameters).flatMap(([name, source]) =>
    source.from === 'ssm' ? [{ name, ssmName: source.name }] : [],
  );
  const values = await ssmValues(
    target,
    sources.map(({ ssmName }) => ssmName),
  );
  return sources.every(
    ({ name, ssmName }) =>
      values.get(ssmName) !== undefined && values.get(ssmName) === current.get(name)?.ResolvedValue,
  );
}

async function ssmValues(target: Target, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const client = await target.clients.ssm();
  const values = new Map<string, string>();
  // GetParameters takes ten names at a time.
  for (let start = 0; start < names.length; start += 10) {
    const { Parameters = [] } = await client.send(
      new GetParametersCommand({ Names: names.slice(start, start + 10) }),
    );
    for (const { Name = '', Value } of Parameters) if (Value !== undefined) values.set(Name, Value);
  }
  return values;
}
