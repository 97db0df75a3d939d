import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { notModelledHere, templateError, templateFormatError, validationError } from './errors.ts';
import type { Graph } from './graph.ts';
import type { CloudFormationState, Stack } from './state.ts';
import { evaluateCondition, type Scope } from './template/evaluate.ts';
import type { ParameterValue } from './template/parameters.ts';
import { parseTemplate } from './template/parse.ts';
import { referencesOf, resourceNames } from './template/references.ts';
import { isObject, type ResourceDeclaration, readTemplate, type Template } from './template/template.ts';

export type StackIdentity = Pick<Stack, 'stackId' | 'stackName'>;

/** Where a scope finds what resources give: the real ones when deploying, what is foreseen in a change set. */
export type ResourceValues = Pick<Scope, 'resource' | 'attribute'>;

/** The parsed template of a spec. */
export function templateOf(state: CloudFormationState, templateKey: string): Template {
  let template = state.parsed.get(templateKey);
  if (!template) {
    template = readTemplate(parseTemplate(state.templates.get(templateKey) ?? ''));
    state.parsed.set(templateKey, template);
  }
  return template;
}

/** Looks names up for one stack: its parameters and conditions, pseudo parameters, exports, availability zones. */
export function stackScope(
  ctx: Context,
  state: CloudFormationState,
  stack: StackIdentity,
  template: Template,
  parameters: readonly ParameterValue[],
  values: ResourceValues,
): Scope {
  const conditions = new Map<string, boolean | 'evaluating'>();
  const scope: Scope = {
    ...values,
    mappings: template.Mappings,
    parameter: (name) =>
      pseudoParameter(ctx, stack, name) ?? parameters.find((parameter) => parameter.key === name)?.value,
    condition: (name) => {
      const known = conditions.get(name);
      if (known === 'evaluating')
        throw templateFormatError(`Circular dependency between conditions: [${name}]`);
      if (known !== undefined) return known;
      if (!(name in template.Conditions)) {
        throw templateFormatError(
          `Unresolved condition dependency ${name} in the Conditions block of the template`,
        );
      }
      conditions.set(name, 'evaluating');
      const value = evaluateCondition(template.Conditions[name], scope);
      conditions.set(name, value);
      return value;
    },
    importValue: (name) => exportNamed(state, name),
    availabilityZones: (region) => availabilityZones(ctx, region),
  };
  return scope;
}

function pseudoParameter(ctx: Context, stack: StackIdentity, name: string) {
  switch (name) {
    case 'AWS::AccountId':
      return ctx.accountId;
    case 'AWS::NotificationARNs':
      return [];
    case 'AWS::Partition':
      return ctx.partition;
    case 'AWS::Region':
      return ctx.region;
    case 'AWS::StackId':
      return stack.stackId;
    case 'AWS::StackName':
      return stack.stackName;
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    default:
      return undefined;
  }
}

function exportNamed(state: CloudFormationState, name: string): string {
  for (const { export: exported, value } of exportsOf(state)) if (exported === name) return value;
  throw validationError(`No export named ${name} found.`);
}

export function* exportsOf(state: CloudFormationState) {
  for (const stack of state.stacks.values()) {
    if (stack.status === 'DELETE_COMPLETE') continue;
    for (const { exportName, value } of stack.outputs) {
      if (exportName !== undefined) yield { export: exportName, value, stack };
    }
  }
}

function availabilityZones(ctx: Context, region: string): readonly string[] {
  if (region !== '' && region !== ctx.region) {
    throw notModelledHere(`Fn::GetAZs of another region (${region})`);
  }
  const { AvailabilityZones = [] } = ctx.call('ec2', 'describeAvailabilityZones', {});
  return AvailabilityZones.map((zone) => zone.ZoneName ?? '').sort();
}

/** A template and what its expressions mean. */
export interface Evaluation {
  readonly template: Template;
  readonly scope: Scope;
}

/** A template with its conditions decided: the resources it really has, and what each of them needs first. */
export interface Instance extends Evaluation {
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly graph: Graph;
}

export function instantiate({ template, scope }: Evaluation): Instance {
  const resources = new Map(
    Object.entries(template.Resources).filter(
      ([, declaration]) => declaration.Condition === undefined || scope.condition(declaration.Condition),
    ),
  );
  const graph = new Map<string, readonly string[]>();
  for (const [logicalId, declaration] of resources) {
    const named = resourceNames(referencesOf(declaration.Properties, scope.condition), template);
    const missing = named.filter((name) => !resources.has(name));
    if (missing.length > 0) {
      throw templateFormatError(
        `Unresolved resource dependencies [${missing.join(', ')}] in the Resources block of the template`,
      );
    }
    const explicit = declaration.DependsOn.filter((name) => resources.has(name));
    graph.set(logicalId, [...new Set([...named, ...explicit])]);
  }
  return { template, scope, resources, graph };
}

/** The template of a stack, with what its deployed resources give. */
export function evaluationOf(ctx: Context, state: CloudFormationState, stack: Stack): Evaluation {
  const template = templateOf(state, stack.spec.templateKey);
  const values = deployedValues(state, stack.stackId);
  return { template, scope: stackScope(ctx, state, stack, template, stack.spec.parameters, values) };
}

/** Parameters as they may be shown: `NoEcho` values are masked. */
export function masked(parameters: readonly ParameterValue[]): readonly ParameterValue[] {
  return parameters.map((parameter) => (parameter.noEcho ? { ...parameter, value: '****' } : parameter));
}

/** What deployed resources give. */
export function deployedValues(state: CloudFormationState, stackId: string): ResourceValues {
  const current = (logicalId: string) => state.resources.get(`${stackId}\u0000${logicalId}`)?.current;
  return {
    resource: (logicalId) => current(logicalId)?.physicalId,
    attribute: (logicalId, attribute) => attributeOf(logicalId, current(logicalId), attribute),
  };
}

export function attributeOf(
  logicalId: string,
  deployment:
    | { readonly type: string; readonly attributes: { readonly [attribute: string]: unknown } }
    | undefined,
  attribute: string,
): unknown {
  const value = deployment && (deployment.attributes[attribute] ?? nested(deployment.attributes, attribute));
  if (value !== undefined) return value;
  throw deployment
    ? templateError(
        `resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt (${deployment.type})`,
      )
    : new AwsError('ValidationError', `Resource ${logicalId} does not exist`);
}

/** `Endpoint.Port` in `{Endpoint: {Port}}`. */
function nested(attributes: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, member) => (isObject(value) ? value[member] : undefined), attributes);
}
