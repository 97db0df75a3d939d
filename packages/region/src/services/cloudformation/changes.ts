/**
 * What a change set says: how each resource would change, foreseen without touching anything. Resources are taken in
 * dependency order, so that a replacement shows in those that refer to the replaced one.
 */
import type {
  PolicyAction,
  ResourceAttribute,
  ResourceChange,
  ResourceChangeDetail,
} from '@aws-sdk/client-cloudformation';
import type { Properties, ResourceType } from '../../kernel/resource-type.ts';
import { takesTags } from './deploy.ts';
import type { Deployment } from './deployment.ts';
import { inOrder } from './graph.ts';
import type { Instance, ResourceValues } from './scope.ts';
import { attributeOf } from './scope.ts';
import type { Spec, StackResource } from './state.ts';
import { evaluate, isKnown, knownAfterApply } from './template/evaluate.ts';
import { type Reference, referencesOf } from './template/references.ts';
import { checkProperties } from './template/shapes.ts';
import { isObject, type ResourceDeclaration, type Template } from './template/template.ts';
import { sameValue } from './values.ts';

export interface ForeseeInput {
  readonly types: ReadonlyMap<string, ResourceType>;
  readonly deployed: readonly StackResource[];
  /** What is deployed; absent for a stack that is not there yet. */
  readonly before?: { readonly spec: Spec; readonly template: Template };
  readonly spec: Spec;
  /** The new template, evaluated with the values that are handed in. */
  readonly instance: (values: ResourceValues) => Instance;
  /** Resolves plain SSM references. */
  readonly resolve: (value: unknown) => unknown;
  /** Properties of a resource as they may be shown, before and after. */
  readonly shown: (when: 'before' | 'after', logicalId: string, values: ResourceValues) => unknown;
}

export interface Foreseen {
  readonly changes: readonly ResourceChange[];
  /** The new template with everything that is foreseen: for its outputs. */
  readonly instance: Instance;
}

type Fate = 'same' | 'modified' | 'replaced' | 'new';

export function foresee(input: ForeseeInput): Foreseen {
  const fates = new Map<string, Fate>();
  const current = new Map(
    input.deployed.flatMap((resource) => (resource.current ? [[resource.logicalId, resource.current]] : [])),
  );
  const values = foreseenValues(fates, current);
  const instance = input.instance(values);
  const changes: ResourceChange[] = [];
  for (const logicalId of inOrder(instance.graph)) {
    const change = changeOfResource(input, instance, values, logicalId, current.get(logicalId));
    fates.set(logicalId, change === undefined ? 'same' : fateOf(change));
    if (change) changes.push(change);
  }
  for (const [logicalId, deployment] of current) {
    if (!instance.resources.has(logicalId)) changes.push(removal(input, values, logicalId, deployment));
  }
  changes.sort((a, b) => ((a.LogicalResourceId ?? '') < (b.LogicalResourceId ?? '') ? -1 : 1));
  return { changes, instance };
}

function foreseenValues(
  fates: ReadonlyMap<string, Fate>,
  current: ReadonlyMap<string, Deployment>,
): ResourceValues {
  return {
    resource: (logicalId) => {
      const fate = fates.get(logicalId) ?? 'new';
      if (fate === 'new' || fate === 'replaced') return knownAfterApply;
      return current.get(logicalId)?.physicalId ?? knownAfterApply;
    },
    attribute: (logicalId, attribute) =>
      fates.get(logicalId) === 'same'
        ? attributeOf(logicalId, current.get(logicalId), attribute)
        : knownAfterApply,
  };
}

function fateOf(change: ResourceChange): Fate {
  if (change.Action === 'Add') return 'new';
  if (change.Replacement !== 'False') return 'replaced';
  return change.Scope?.includes('Properties') === true ? 'modified' : 'same';
}

function changeOfResource(
  input: ForeseeInput,
  instance: Instance,
  values: ResourceValues,
  logicalId: string,
  before: Deployment | undefined,
): ResourceChange | undefined {
  const declaration = instance.resources.get(logicalId);
  const type = declaration && input.types.get(declaration.Type);
  if (!declaration || !type) return undefined;
  if (!before) {
    return {
      Action: 'Add',
      LogicalResourceId: logicalId,
      ResourceType: type.name,
      Scope: [],
      Details: [],
      AfterContext: context(input, values, 'after', logicalId, declaration),
    };
  }
  const details = detailsOf(input, instance, type, declaration, before, logicalId);
  if (details.length === 0) return undefined;
  const replacement = replacementOf(details);
  const policy =
    replacement === 'False' ? undefined : replacePolicies[declaration.UpdateReplacePolicy ?? 'Delete'];
  return {
    ...(policy === undefined ? {} : { PolicyAction: policy }),
    Action: 'Modify',
    LogicalResourceId: logicalId,
    PhysicalResourceId: before.physicalId,
    ResourceType: type.name,
    Replacement: replacement,
    Scope: [...new Set(details.flatMap((detail) => detail.Target?.Attribute ?? []))],
    Details: details,
    BeforeContext: context(input, values, 'before', logicalId, input.before?.template.Resources[logicalId]),
    AfterContext: context(input, values, 'after', logicalId, declaration),
  };
}

const replacePolicies: { readonly [policy: string]: PolicyAction } = {
  Delete: 'ReplaceAndDelete',
  Retain: 'ReplaceAndRetain',
  Snapshot: 'ReplaceAndSnapshot',
};

// Confirmed by docs: Always+Static is True, Always+Dynamic is Conditional, and the strongest wins.
export function replacementOf(details: readonly ResourceChangeDetail[]): 'True' | 'False' | 'Conditional' {
  const always = details.filter((detail) => detail.Target?.RequiresRecreation === 'Always');
  if (always.some((detail) => detail.Evaluation === 'Static')) return 'True';
  return always.length > 0 ? 'Conditional' : 'False';
}

function removal(
  input: ForeseeInput,
  values: ResourceValues,
  logicalId: string,
  deployment: Deployment,
): ResourceChange {
  const policy = deployment.deletionPolicy;
  return {
    PolicyAction: policy === 'RetainExceptOnCreate' ? 'Retain' : policy,
    Action: 'Remove',
    LogicalResourceId: logicalId,
    PhysicalResourceId: deployment.physicalId,
    ResourceType: deployment.type,
    Scope: [],
    Details: [],
    BeforeContext: context(input, values, 'before', logicalId, input.before?.template.Resources[logicalId]),
  };
}

function detailsOf(
  input: ForeseeInput,
  instance: Instance,
  type: ResourceType,
  declaration: ResourceDeclaration,
  before: Deployment,
  logicalId: string,
): ResourceChangeDetail[] {
  const evaluated = input.resolve(evaluate(declaration.Properties, instance.scope)) as Properties;
  const after = checkProperties(type, evaluated).properties;
  const names = [...new Set([...Object.keys(before.properties), ...Object.keys(after)])].sort();
  const old = input.before?.template.Resources[logicalId];
  const details: ResourceChangeDetail[] = names
    .filter((name) => !sameValue(before.properties[name], after[name]))
    .flatMap((name) => {
      const recreates = !type.update || type.properties[name]?.replaces === true;
      const target = {
        Attribute: 'Properties' as const,
        Name: name,
        RequiresRecreation: recreates ? ('Always' as const) : ('Never' as const),
        Path: `/Properties/${name}`,
      };
      const expressions = { before: old?.Properties[name], after: declaration.Properties[name] };
      return causes(input, instance, expressions).map((cause) => ({ Target: target, ...cause }));
    });
  if (!sameValue(before.stackTags, input.spec.tags) && takesTags(type)) details.push(attributeDetail('Tags'));
  if (!sameValue(before.metadata, declaration.Metadata)) details.push(attributeDetail('Metadata'));
  return details;
}

function attributeDetail(attribute: ResourceAttribute): ResourceChangeDetail {
  return {
    Target: { Attribute: attribute, RequiresRecreation: 'Never' },
    Evaluation: 'Static',
    ChangeSource: 'DirectModification',
  };
}

type Cause = Pick<ResourceChangeDetail, 'Evaluation' | 'ChangeSource' | 'CausingEntity'>;

/** Why a property has another value: its text, a parameter, or a resource that it refers to. */
function causes(
  input: ForeseeInput,
  instance: Instance,
  expressions: { readonly before: unknown; readonly after: unknown },
): Cause[] {
  const references = referencesOf(expressions.after, instance.scope.condition);
  const found = references.flatMap((reference) => causeOf(input, instance, reference));
  const byParameter = found.some((cause) => cause.ChangeSource === 'ParameterReference');
  const rewritten = !sameValue(expressions.before, expressions.after);
  // Confirmed by docs: a changed parameter gives two details, a dynamic direct one and a static one of the parameter.
  if (rewritten || found.length === 0) {
    return [{ Evaluation: 'Static', ChangeSource: 'DirectModification' }, ...found];
  }
  return byParameter ? [{ Evaluation: 'Dynamic', ChangeSource: 'DirectModification' }, ...found] : found;
}

function causeOf(input: ForeseeInput, instance: Instance, reference: Reference): Cause[] {
  if (reference.kind === 'Ref') {
    const isPseudo = reference.name.startsWith('AWS::');
    if (isPseudo) return [];
    const value = (spec: Spec | undefined) => spec?.parameters.find((p) => p.key === reference.name)?.value;
    const isParameter = reference.name in instance.template.Parameters;
    if (isParameter && !sameValue(value(input.before?.spec), value(input.spec))) {
      return [{ Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: reference.name }];
    }
    const pending = !isParameter && instance.scope.resource(reference.name) === knownAfterApply;
    return pending
      ? [{ Evaluation: 'Dynamic', ChangeSource: 'ResourceReference', CausingEntity: reference.name }]
      : [];
  }
  if (reference.kind !== 'GetAtt') return [];
  const value = instance.scope.attribute(reference.name, reference.attribute);
  const entity = `${reference.name}.${reference.attribute}`;
  return isKnown(value)
    ? []
    : [{ Evaluation: 'Dynamic', ChangeSource: 'ResourceAttribute', CausingEntity: entity }];
}

// Known: AWS puts this in the place of what is not known yet.
const pendingText = '{{changeSet:KNOWN_AFTER_APPLY}}';

function context(
  input: ForeseeInput,
  values: ResourceValues,
  when: 'before' | 'after',
  logicalId: string,
  declaration: ResourceDeclaration | undefined,
): string {
  const { Metadata, DeletionPolicy, UpdateReplacePolicy } = declaration ?? {};
  return JSON.stringify({
    Properties: showPending(input.shown(when, logicalId, values)),
    ...(Metadata === undefined ? {} : { Metadata }),
    ...(DeletionPolicy === undefined ? {} : { DeletionPolicy }),
    ...(UpdateReplacePolicy === undefined ? {} : { UpdateReplacePolicy }),
  });
}

function showPending(value: unknown): unknown {
  if (value === knownAfterApply) return pendingText;
  if (Array.isArray(value)) return value.map(showPending);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, showPending(item)]));
}
