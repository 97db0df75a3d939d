/**
 * CloudFormation cannot know, before it has updated a resource, what others will read from it, so it lists everything that
 * refers to a changed resource as maybe changed, and maybe replaced. What identifies a resource stays when it is updated in
 * place, so that most of it will not change: such entries are taken out. Pure.
 *
 * Confirmed by docs: `Evaluation` is `Dynamic` where the value depends on the result of an intrinsic function.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html
 */
import type { ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';

export function withoutSettled(changes: readonly ResourceChange[]): readonly ResourceChange[] {
  const byId = new Map(changes.map((change) => [change.LogicalResourceId ?? '', change]));
  const next = changes.flatMap((change) => unsettledPart(change, byId));
  // What is taken out settles what refers to it.
  return next.every((change, index) => change === changes[index]) && next.length === changes.length
    ? changes
    : withoutSettled(next);
}

type ById = ReadonlyMap<string, ResourceChange>;

function unsettledPart(change: ResourceChange, byId: ById): readonly ResourceChange[] {
  if (change.Action !== 'Modify') return [change];
  const details = change.Details ?? [];
  const settled = settledProperties(details, byId);
  if (settled.size === 0) return [change];
  const rest = details.filter(({ Target }) => !settled.has(Target?.Name ?? ''));
  if (rest.length === 0) return [];
  const scopes = new Set(rest.flatMap(({ Target }) => Target?.Attribute ?? []));
  return [
    {
      ...change,
      Details: rest,
      Scope: [...scopes],
      Replacement: replacementOf(rest),
      ...withoutProperties(change, settled),
    },
  ];
}

function settledProperties(details: readonly ResourceChangeDetail[], byId: ById): ReadonlySet<string> {
  const ofProperties = details.filter(({ Target }) => Target?.Attribute === 'Properties');
  const names = new Set(ofProperties.map(({ Target }) => Target?.Name ?? ''));
  return new Set(
    [...names].filter((name) =>
      ofProperties.filter(({ Target }) => Target?.Name === name).every((detail) => isSettled(detail, byId)),
    ),
  );
}

function isSettled(
  { Evaluation, ChangeSource, CausingEntity = '' }: ResourceChangeDetail,
  byId: ById,
): boolean {
  if (Evaluation !== 'Dynamic') return false;
  const [logicalId = '', ...attribute] = CausingEntity.split('.');
  const cause = byId.get(logicalId);
  const isInPlace = cause === undefined || (cause.Action === 'Modify' && cause.Replacement === 'False');
  if (!isInPlace) return false;
  if (ChangeSource === 'ResourceReference') return true;
  return (
    ChangeSource === 'ResourceAttribute' && (cause === undefined || identifies(attribute.join('.'), cause))
  );
}

/** Whether the attribute stays in an update in place: it is a name, an id or an address, and no property of that name changes. */
function identifies(attribute: string, { Details = [] }: ResourceChange): boolean {
  return (
    /(Arn|Name|Id|Address|Port)$/.test(attribute) && !Details.some(({ Target }) => Target?.Name === attribute)
  );
}

function replacementOf(details: readonly ResourceChangeDetail[]): 'True' | 'False' | 'Conditional' {
  const recreating = details.filter(({ Target }) => (Target?.RequiresRecreation ?? 'Never') !== 'Never');
  const isSure = recreating.some(
    ({ Evaluation, Target }) => Evaluation === 'Static' && Target?.RequiresRecreation === 'Always',
  );
  return isSure ? 'True' : recreating.length > 0 ? 'Conditional' : 'False';
}

/** Before and after without the properties that stay. */
function withoutProperties(
  { BeforeContext, AfterContext }: ResourceChange,
  names: ReadonlySet<string>,
): Pick<ResourceChange, 'BeforeContext' | 'AfterContext'> {
  const without = (context: string): string => {
    const { Properties = {}, ...rest } = JSON.parse(context) as { readonly Properties?: object };
    const left = Object.entries(Properties).filter(([name]) => !names.has(name));
    return JSON.stringify({ Properties: Object.fromEntries(left), ...rest });
  };
  return {
    ...(BeforeContext !== undefined && { BeforeContext: without(BeforeContext) }),
    ...(AfterContext !== undefined && { AfterContext: without(AfterContext) }),
  };
}
