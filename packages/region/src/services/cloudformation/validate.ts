/** Everything that can be known to be wrong before anything is created. */
import type { Capability } from '@aws-sdk/client-cloudformation';
import type { Context } from '../../kernel/context.ts';
import type { Properties, ResourceType } from '../../kernel/resource-type.ts';
import { insufficientCapabilities, templateError, templateFormatError, validationError } from './errors.ts';
import { findCycle } from './graph.ts';
import { evaluateOutputs } from './outputs.ts';
import { type Instance, instantiate, type StackIdentity, stackScope } from './scope.ts';
import { type CloudFormationState, resourcesOf } from './state.ts';
import { evaluate, evaluateCondition, knownAfterApply, type Scope } from './template/evaluate.ts';
import type { ParameterValue } from './template/parameters.ts';
import { checkReferences } from './template/references.ts';
import { checkProperties, propertyProblems } from './template/shapes.ts';
import type { ResourceDeclaration, Template } from './template/template.ts';
import type { ResourceTypes } from './work.ts';

export interface Validated {
  readonly instance: Instance;
  /** Names of the exports that the template imports. */
  readonly imports: readonly string[];
}

export interface ValidationInput {
  readonly stack: StackIdentity;
  readonly template: Template;
  readonly parameters: readonly ParameterValue[];
  readonly capabilities: readonly Capability[];
}

export function validate(
  ctx: Context,
  state: CloudFormationState,
  types: ResourceTypes,
  input: ValidationInput,
): Validated {
  const { stack, template } = input;
  checkTypes(template, types());
  checkReferences(template);
  const imports = new Set<string>();
  const scope = validationScope(ctx, state, input, imports);
  checkRules(template, scope);
  const instance = instantiate({ template, scope });
  const cycle = findCycle(instance.graph);
  if (cycle.length > 0) throw validationError(`Circular dependency between resources: [${cycle.join(', ')}]`);
  checkDeployedTypes(state, stack, instance);
  const problems = [...instance.resources].flatMap(([logicalId, declaration]) =>
    checkResource(ctx, instance, types(), logicalId, declaration),
  );
  if (problems.length > 0) throw validationError(problems.join('\n'));
  evaluateOutputs(instance);
  checkCapabilities(instance, input.capabilities);
  return { instance, imports: [...imports] };
}

/** Resources give nothing yet; imported names are noted. */
function validationScope(
  ctx: Context,
  state: CloudFormationState,
  { stack, template, parameters }: ValidationInput,
  imports: Set<string>,
): Scope {
  const scope = stackScope(ctx, state, stack, template, parameters, {
    resource: (logicalId) => (logicalId in template.Resources ? knownAfterApply : undefined),
    attribute: () => knownAfterApply,
  });
  return {
    ...scope,
    importValue: (name) => {
      imports.add(name);
      return scope.importValue(name);
    },
  };
}

function checkTypes(template: Template, types: ReadonlyMap<string, ResourceType>): void {
  const unknown = Object.entries(template.Resources).filter(([, { Type }]) => !types.has(Type));
  if (unknown.length === 0) return;
  const names = [...new Set(unknown.map(([, { Type }]) => Type))];
  const where = unknown.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(', ');
  throw templateFormatError(
    `Unrecognized resource types: [${names.join(', ')}]. Not modelled by this local region: ${where}`,
  );
}

function checkRules(template: Template, scope: Scope): void {
  for (const [name, { RuleCondition, Assertions }] of Object.entries(template.Rules)) {
    if (RuleCondition !== undefined && !evaluateCondition(RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of Assertions) {
      if (evaluateCondition(Assert, scope)) continue;
      // Chosen: AWS's exact words are not published.
      throw templateError(`Rule ${name} failed: ${AssertDescription ?? JSON.stringify(Assert)}`);
    }
  }
}

function checkDeployedTypes(state: CloudFormationState, stack: StackIdentity, instance: Instance): void {
  const changed = resourcesOf(state, stack.stackId).filter(({ logicalId, current }) => {
    const wanted = instance.resources.get(logicalId)?.Type;
    return current !== undefined && wanted !== undefined && wanted !== current.type;
  });
  if (changed.length === 0) return;
  const names = changed.map(({ logicalId }) => logicalId).join(', ');
  throw validationError(
    `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${names}]`,
  );
}

function checkResource(
  ctx: Context,
  { scope }: Instance,
  types: ReadonlyMap<string, ResourceType>,
  logicalId: string,
  declaration: ResourceDeclaration,
): string[] {
  const type = types.get(declaration.Type);
  if (!type) return [];
  const values = evaluate(declaration.Properties, scope) as Properties;
  const { problems, ignored } = checkProperties(type, values);
  for (const { path, reason } of ignored) {
    const place = path.replace(/\/\d+(?=\/|$)/g, '[]');
    ctx.warn('ignored-property', `${type.name} ${place} has no effect in this local region: ${reason}`);
  }
  const policies = [declaration.DeletionPolicy, declaration.UpdateReplacePolicy];
  if (policies.includes('Snapshot') && !type.deleteWithSnapshot) {
    const text = `Template error: resource type ${type.name} does not support deletion policy Snapshot (${logicalId})`;
    return [text];
  }
  return problems.length === 0 ? [] : [propertyProblems(`${logicalId} (${type.name})`, problems)];
}

const iamTypes: { readonly [type: string]: string | undefined } = {
  'AWS::IAM::AccessKey': undefined,
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::UserToGroupAddition': undefined,
};

/** The capability that resources of IAM need, and which resources need it. */
export function neededCapability(resources: Iterable<readonly [string, ResourceDeclaration]>): {
  readonly capability?: Capability;
  readonly because: readonly string[];
} {
  const iam = [...resources].filter(([, { Type }]) => Type in iamTypes);
  if (iam.length === 0) return { because: [] };
  const named = iam.some(([, { Type, Properties }]) => {
    const name = iamTypes[Type];
    return name !== undefined && Properties[name] !== undefined;
  });
  const because = [...new Set(iam.map(([, { Type }]) => Type))];
  return { capability: named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM', because };
}

function checkCapabilities(instance: Instance, given: readonly Capability[]): void {
  const { capability } = neededCapability(instance.resources);
  if (capability === undefined || given.includes(capability) || given.includes('CAPABILITY_NAMED_IAM'))
    return;
  throw insufficientCapabilities(capability);
}
