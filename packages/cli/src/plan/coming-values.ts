/**
 * What a stack will read that stacks before it are still to make or change. CloudFormation works a change set out on the
 * values of today, so a picture of a stack that reads others is asked for with what they will be, written into a copy of
 * its template: the value itself where it is known, else what CloudFormation writes for a value that is yet to come. Pure.
 */
import type { Change } from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import { resourcesOf } from '../deploy/parameters.ts';
import { pendingValue, type ResourceChange } from './picture.ts';
import type { PlannedStack } from './plan-document.ts';
import { movedParameters } from './waves.ts';

export interface ComingValues {
  /** Of SSM parameters by name; lists with commas. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names of SSM parameters that are not there yet. */
  readonly added: ReadonlySet<string>;
  /** Names of exports that are not there yet. */
  readonly exports: ReadonlySet<string>;
}

/** @param exported names of the exports that are there */
export function comingFrom(before: readonly PlannedStack[], exported: ReadonlySet<string>): ComingValues {
  return {
    parameters: new Map(before.flatMap(comingParameters)),
    added: new Set(
      before.flatMap(movedParameters).flatMap(({ name, change }) => (change.action === 'add' ? [name] : [])),
    ),
    exports: new Set(before.flatMap(exportsOf).filter((name) => !exported.has(name))),
  };
}

function comingParameters(stack: PlannedStack): readonly (readonly [string, string])[] {
  const resources = resourcesOf(stack.template);
  return movedParameters(stack).flatMap(({ name, change }) => {
    // One that goes has no value: what still reads it is refused when its change set is made.
    const declared = resources[change.logicalId]?.Properties?.['Value'];
    return declared === undefined ? [] : [[name, comingValue(stack, change, declared)] as const];
  });
}

function comingValue(stack: PlannedStack, { properties }: ResourceChange, declared: unknown): string {
  const { before, after } = properties.find(({ path }) => path === 'Value') ?? {};
  const value: unknown = after === undefined ? undefined : JSON.parse(after);
  if (typeof value === 'string' && value !== pendingValue) return value;
  return pendingLike(stack, declared, before);
}

/**
 * A list that is yet to come has as many items as its template joins, since others select from it; those of resources that
 * stay are as they were.
 */
function pendingLike({ changes }: PlannedStack, declared: unknown, before: string | undefined): string {
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute } = declared as Functions;
  const [separator, items] = join ?? [];
  if (separator !== ',' || !Array.isArray(items)) return pendingScalar(attribute, before);
  const renewed = new Set(
    changes
      .filter(({ action, replacement }) => action === 'add' || replacement !== 'no')
      .map(({ logicalId }) => logicalId),
  );
  const were = before === undefined ? [] : String(JSON.parse(before)).split(',');
  return items
    .map((item: unknown, index) => {
      const id = (item as { readonly Ref?: unknown } | null)?.Ref;
      const stays = typeof id === 'string' && !renewed.has(id) && were.length === items.length;
      return (stays ? were[index] : undefined) ?? pendingValue;
    })
    .join(',');
}

interface Functions {
  readonly 'Fn::Join'?: readonly unknown[];
  readonly 'Fn::GetAtt'?: readonly unknown[];
}

/**
 * Where numbers are wanted no text is taken. Chosen: a number stays as it is, since ports outlive what listens on them; if it
 * does not, the apply stops there. For a port that is not there yet stands one that nobody uses.
 */
function pendingScalar(attribute: readonly unknown[] | undefined, before: string | undefined): string {
  const was: unknown = before === undefined ? undefined : JSON.parse(before);
  if (/^\d+$/.test(String(was))) return String(was);
  return /Port$/.test(String(attribute?.at(-1))) ? String(portToCome) : pendingValue;
}

const portToCome = 64_999;

/** The changes with the mark of what is yet to come where a port stood in for it. */
export function withoutStandIns(changes: readonly Change[]): readonly Change[] {
  return changes.map((change) => {
    const { AfterContext } = change.ResourceChange ?? {};
    if (!AfterContext?.includes(String(portToCome))) return change;
    const marked = JSON.stringify(pendingPorts(JSON.parse(AfterContext)));
    return { ...change, ResourceChange: { ...change.ResourceChange, AfterContext: marked } };
  });
}

function pendingPorts(value: unknown): unknown {
  if (value === portToCome) return pendingValue;
  if (typeof value === 'string') return value.replaceAll(String(portToCome), pendingValue);
  if (Array.isArray(value)) return value.map(pendingPorts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, pendingPorts(one)]));
}

function exportsOf({ template, action }: PlannedStack): readonly string[] {
  if (action === 'none') return [];
  const outputs = (template['Outputs'] ?? {}) as Readonly<Record<string, Output>>;
  return Object.values(outputs).flatMap(({ Export }) =>
    typeof Export?.Name === 'string' ? [Export.Name] : [],
  );
}

interface Output {
  readonly Export?: { readonly Name?: unknown };
}

/** The stack as it will be read: the same but for what is coming. */
export function withComing(stack: StackArtifact, coming: ComingValues): StackArtifact {
  const declared = (stack.template['Parameters'] ?? {}) as Readonly<Record<string, Declaration>>;
  const values = Object.entries(declared).flatMap(([id, { Type, Default = '' }]) => {
    const inner = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(Type)?.[1];
    const value = coming.parameters.get(Default);
    if (inner === undefined || value === undefined) return [];
    const isList = inner === 'CommaDelimitedList' || inner.startsWith('List<');
    return [[id, { Type: isList ? 'CommaDelimitedList' : 'String', Default: value }] as const];
  });
  const template = replaced(stack.template, coming) as StackArtifact['template'];
  if (values.length === 0) return { ...stack, template };
  return { ...stack, template: { ...template, Parameters: { ...declared, ...Object.fromEntries(values) } } };
}

interface Declaration {
  readonly Type: string;
  readonly Default?: string;
}

/**
 * Imports of what is not exported yet, and the text's references to parameters that are not there yet. Change sets show such
 * references as they are written, whatever their values.
 */
function replaced(value: unknown, coming: ComingValues): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\{\{resolve:ssm:([^:}]+)\}\}/g, (text, name: string) =>
      coming.added.has(name) ? pendingValue : text,
    );
  if (Array.isArray(value)) return value.map((one) => replaced(one, coming));
  if (typeof value !== 'object' || value === null) return value;
  const imported = (value as { readonly 'Fn::ImportValue'?: unknown })['Fn::ImportValue'];
  if (typeof imported === 'string' && coming.exports.has(imported)) return pendingValue;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaced(one, coming)]));
}
