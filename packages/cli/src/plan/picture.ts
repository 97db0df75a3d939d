/** What a change set would do, resource by resource and property by property, without what people need not see. Pure. */
import type {
  Change,
  ResourceChangeDetail,
  ResourceChange as SdkChange,
} from '@aws-sdk/client-cloudformation';
import { resourcesOf } from '../deploy/parameters.ts';
import { withoutSettled } from './settled.ts';

export interface ResourceChange {
  readonly logicalId: string;
  readonly type: string;
  readonly action: 'add' | 'modify' | 'remove';
  readonly replacement: 'no' | 'maybe' | 'yes';
  readonly physicalId?: string;
  readonly properties: readonly PropertyChange[];
  /** What happens to the old one where it is removed or replaced. */
  readonly oldOne?: 'deleted' | 'retained' | 'snapshot';
}

export interface PropertyChange {
  /** `Listeners.0.Port` */
  readonly path: string;
  /** JSON; absent where there was none. */
  readonly before?: string;
  /** JSON; absent where there is none any more. */
  readonly after?: string;
  /** `parameter ImageDigest`, `resource Database`; absent: the template's own text. */
  readonly because?: string;
  readonly replaces: boolean;
}

/** What CloudFormation puts in the place of a value that is not known yet. */
export const pendingValue = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** Scopes that change nothing that runs: CloudFormation lists them, people need not read them. */
const noise: ReadonlySet<string> = new Set(['Metadata', 'Tags']);

/**
 * The change set's changes as people see them: without metadata, tags of the stack, and what only seems to change.
 * @param template tells which of a property's causes is that of a value in it
 */
export function pictureOf(
  changes: readonly Change[],
  template: Readonly<Record<string, unknown>> = {},
): readonly ResourceChange[] {
  const ofResources = changes.flatMap(({ ResourceChange: change }) => (change ? [change] : []));
  const resources = resourcesOf(template);
  return withoutSettled(ofResources).flatMap((change) =>
    resourceChange(change, resources[change.LogicalResourceId ?? '']?.Properties),
  );
}

function resourceChange(change: SdkChange, written: unknown): readonly ResourceChange[] {
  const {
    LogicalResourceId: logicalId = '',
    ResourceType: type = '',
    PhysicalResourceId: physicalId,
  } = change;
  const action = change.Action === 'Add' ? 'add' : change.Action === 'Remove' ? 'remove' : 'modify';
  if (action === 'modify' && (change.Scope ?? []).every((scope) => noise.has(scope))) return [];
  const properties = propertyChanges(change, written);
  if (action === 'modify' && properties.length === 0) return [];
  const replacement =
    change.Replacement === 'True' ? 'yes' : change.Replacement === 'Conditional' ? 'maybe' : 'no';
  const oldOne = fateOf(change, action, replacement);
  return [
    {
      logicalId,
      type,
      action,
      replacement,
      ...(physicalId !== undefined && { physicalId }),
      properties,
      ...(oldOne && { oldOne }),
    },
  ];
}

function fateOf(
  { PolicyAction: policy }: SdkChange,
  action: ResourceChange['action'],
  replacement: ResourceChange['replacement'],
): ResourceChange['oldOne'] {
  if (action === 'add' || (action === 'modify' && replacement === 'no')) return undefined;
  if (policy === 'Retain' || policy === 'ReplaceAndRetain') return 'retained';
  if (policy === 'Snapshot' || policy === 'ReplaceAndSnapshot') return 'snapshot';
  return 'deleted';
}

function propertyChanges(change: SdkChange, written: unknown): readonly PropertyChange[] {
  const before = inOrder(propertiesOf(change.BeforeContext));
  const after = inOrder(propertiesOf(change.AfterContext));
  const details = change.Details ?? [];
  return leafDifferences(before, after).map(({ path, was, is }) => {
    const [property = ''] = path;
    const own = details.filter(
      ({ Target }) => Target?.Attribute === 'Properties' && Target.Name === property,
    );
    const because = causesAt(own, written, path)
      .map(causeOf)
      .find((cause) => cause !== undefined);
    return {
      path: path.join('.'),
      ...(was !== undefined && { before: JSON.stringify(was) }),
      ...(is !== undefined && { after: JSON.stringify(is) }),
      ...(because !== undefined && change.Action !== 'Add' && { because }),
      replaces: own.some(({ Target }) => Target?.RequiresRecreation === 'Always'),
    };
  });
}

/** CloudFormation tells causes by property; those of a value deep in one are what its own text refers to. */
function causesAt(
  details: readonly ResourceChangeDetail[],
  written: unknown,
  path: readonly string[],
): readonly ResourceChangeDetail[] {
  let at = written;
  for (const key of path)
    at = isRecord(at) || Array.isArray(at) ? (at as Record<string, unknown>)[key] : undefined;
  if (at === undefined) return details;
  const text = JSON.stringify(at);
  return details.filter(({ CausingEntity = '' }) => text.includes(CausingEntity.split('.')[0] ?? ''));
}

function causeOf({ ChangeSource, CausingEntity }: ResourceChangeDetail): string | undefined {
  if (CausingEntity === undefined) return undefined;
  return ChangeSource === 'ParameterReference' ? `parameter ${CausingEntity}` : `resource ${CausingEntity}`;
}

function propertiesOf(context: string | undefined): unknown {
  if (context === undefined) return undefined;
  return (JSON.parse(context) as { readonly Properties?: unknown }).Properties;
}

/** The order of keys and of tags says nothing: tags are taken by their keys, so that only what changes shows. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.length > 0 && items.every(isTag))
      return inOrder(Object.fromEntries(items.map(({ Key, Value }) => [Key, Value])));
    return items.map(inOrder);
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, inOrder(value[key])]),
  );
}

function isTag(value: unknown): value is { readonly Key: string; readonly Value: unknown } {
  return (
    isRecord(value) &&
    typeof value['Key'] === 'string' &&
    Object.keys(value).every((key) => key === 'Key' || key === 'Value')
  );
}

interface Difference {
  readonly path: readonly string[];
  readonly was: unknown;
  readonly is: unknown;
}

/** Where two values differ, as deep as both are objects or lists. */
export function leafDifferences(
  was: unknown,
  is: unknown,
  path: readonly string[] = [],
): readonly Difference[] {
  if (isRecord(was) || isRecord(is)) {
    if ((was !== undefined && !isRecord(was)) || (is !== undefined && !isRecord(is)))
      return [{ path, was, is }];
    // What is added or removed as a whole is shown as a whole, but for the properties of a resource themselves.
    if (path.length > 0 && (was === undefined || is === undefined)) return [{ path, was, is }];
    const keys = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])].sort();
    return keys.flatMap((key) => leafDifferences(was?.[key], is?.[key], [...path, key]));
  }
  if (Array.isArray(was) && Array.isArray(is)) return itemDifferences(was, is, path);
  return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ path, was, is }];
}

/** Of lists of one length each item is compared with its counterpart, of others what is added and what is gone. */
function itemDifferences(
  was: readonly unknown[],
  is: readonly unknown[],
  path: readonly string[],
): readonly Difference[] {
  const at = (index: number): readonly string[] => [...path, String(index)];
  if (was.length === is.length)
    return was.flatMap((one, index) => leafDifferences(one, is[index], at(index)));
  const [before, after] = [was, is].map((list) => list.map((one) => JSON.stringify(one))) as [
    string[],
    string[],
  ];
  // Repeated items tell nothing by their place.
  if (before.every((one) => after.includes(one)) && after.every((one) => before.includes(one)))
    return [{ path, was, is }];
  const indices = Array.from({ length: Math.max(was.length, is.length) }, (_, index) => index);
  return indices.flatMap((index) => {
    const gone = index < was.length && !after.includes(before[index] ?? '') ? was[index] : undefined;
    const added = index < is.length && !before.includes(after[index] ?? '') ? is[index] : undefined;
    return gone === undefined && added === undefined ? [] : leafDifferences(gone, added, at(index));
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
