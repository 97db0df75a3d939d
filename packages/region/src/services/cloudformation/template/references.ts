import { templateFormatError } from '../errors.ts';
import { getAttTarget, intrinsic, type Scope, subArguments, subParts } from './evaluate.ts';
import { type Expression, isObject, type Template } from './template.ts';

export type Reference =
  | { readonly kind: 'Ref'; readonly name: string }
  | { readonly kind: 'GetAtt'; readonly name: string; readonly attribute: string }
  | { readonly kind: 'Condition'; readonly name: string }
  | { readonly kind: 'Function'; readonly name: string };

/**
 * Everything an expression names, in order. With `condition`, only the branch that `Fn::If` takes: AWS knows no
 * dependency through a branch that is not taken.
 */
export function referencesOf(expression: Expression, condition?: Scope['condition']): Reference[] {
  if (Array.isArray(expression)) return expression.flatMap((item) => referencesOf(item, condition));
  if (!isObject(expression)) return [];
  const call = intrinsic(expression);
  if (!call) return Object.values(expression).flatMap((value) => referencesOf(value, condition));
  const { name, argument } = call;
  switch (name) {
    case 'Ref':
      return [{ kind: 'Ref', name: String(argument) }];
    case 'Fn::GetAtt': {
      const { logicalId, attribute } = getAttTarget(argument);
      const path = typeof attribute === 'string' ? attribute : '';
      return [{ kind: 'GetAtt', name: logicalId, attribute: path }, ...referencesOf(attribute, condition)];
    }
    case 'Fn::Sub':
      return subReferences(argument, condition);
    case 'Fn::If':
      return ifReferences(argument, condition);
    default:
      return [{ kind: 'Function', name }, ...referencesOf(argument, condition)];
  }
}

function subReferences(argument: unknown, condition?: Scope['condition']): Reference[] {
  const { text, variables } = subArguments(argument);
  const named = subParts(text).flatMap((part): Reference[] => {
    if ('literal' in part || part.name in variables) return [];
    const [name = '', ...attribute] = part.name.split('.');
    return attribute.length === 0
      ? [{ kind: 'Ref', name }]
      : [{ kind: 'GetAtt', name, attribute: attribute.join('.') }];
  });
  return [...named, ...referencesOf(Object.values(variables), condition)];
}

function ifReferences(argument: unknown, condition?: Scope['condition']): Reference[] {
  if (!Array.isArray(argument)) return [];
  const [name, yes, no] = argument;
  const taken = condition === undefined ? [yes, no] : [condition(String(name)) ? yes : no];
  return [{ kind: 'Condition', name: String(name) }, ...referencesOf(taken, condition)];
}

/** The logical ids of resources that an expression needs first. */
export function resourceNames(references: readonly Reference[], template: Template): string[] {
  const names = references.flatMap((r) => (r.kind === 'Ref' || r.kind === 'GetAtt' ? [r.name] : []));
  return [...new Set(names.filter((name) => name in template.Resources))];
}

export const pseudoParameters = [
  'AWS::AccountId',
  'AWS::NotificationARNs',
  'AWS::NoValue',
  'AWS::Partition',
  'AWS::Region',
  'AWS::StackId',
  'AWS::StackName',
  'AWS::URLSuffix',
];

/** Refuses every name that the template does not declare, in all branches. */
export function checkReferences(template: Template): void {
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const missing = resource.DependsOn.filter((name) => !(name in template.Resources));
    checkNames(template, 'Resources', [
      ...missing.map((name): Reference => ({ kind: 'Ref', name })),
      ...referencesOf(resource.Properties),
      ...(resource.Condition === undefined ? [] : [conditionReference(resource.Condition)]),
    ]);
    if (resource.DependsOn.includes(logicalId)) {
      throw templateFormatError(`Resource ${logicalId} cannot depend on itself`);
    }
  }
  for (const [name, output] of Object.entries(template.Outputs)) {
    checkNames(template, 'Outputs', [
      ...referencesOf(output.Value),
      ...(output.Condition === undefined ? [] : [conditionReference(output.Condition)]),
    ]);
    checkExportName(template, name, output.ExportName);
  }
}

function conditionReference(name: string): Reference {
  return { kind: 'Condition', name };
}

function checkNames(template: Template, block: string, references: readonly Reference[]): void {
  const known = (r: Reference): boolean => {
    switch (r.kind) {
      case 'Function':
        return true;
      case 'Condition':
        return r.name in template.Conditions;
      case 'GetAtt':
        return r.name in template.Resources;
      case 'Ref':
        return (
          r.name in template.Resources || r.name in template.Parameters || pseudoParameters.includes(r.name)
        );
    }
  };
  const missing = references.filter((reference) => !known(reference));
  const names = (wanted: boolean) => [
    ...new Set(missing.filter((r) => (r.kind === 'Condition') === wanted).map((r) => r.name)),
  ];
  const [conditions, others] = [names(true), names(false)];
  if (conditions.length > 0) {
    throw templateFormatError(
      `Unresolved condition dependency ${conditions.join(', ')} in the ${block} block of the template`,
    );
  }
  if (others.length > 0) {
    throw templateFormatError(
      `Unresolved resource dependencies [${others.join(', ')}] in the ${block} block of the template`,
    );
  }
}

function checkExportName(template: Template, output: string, name: Expression): void {
  const dependent = referencesOf(name).some(
    (r) =>
      r.kind === 'GetAtt' ||
      (r.kind === 'Ref' && r.name in template.Resources) ||
      (r.kind === 'Function' && (r.name === 'Fn::ImportValue' || r.name === 'Fn::GetAZs')),
  );
  if (dependent) {
    throw templateFormatError(
      `Output ${output} is malformed. The Name field of Export must not depend on any resources, imported values, or Fn::GetAZs.`,
    );
  }
}
