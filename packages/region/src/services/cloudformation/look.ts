/** Looks at one resource of a stack through its type's `read`, as the caller, who must be allowed to see it. */
import type { Tag } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { Properties, ReadContext, ResourceType } from '../../kernel/resource-type.ts';
import type { Deployment } from './deployment.ts';
import { compared, driftOf, secret } from './drift.ts';
import { resourceContext } from './resource-context.ts';
import { evaluationOf, masked, stackScope } from './scope.ts';
import type { CloudFormation } from './spec.ts';
import { type ResourceDrift, type Stack, type StackResource, skippedByUser } from './state.ts';
import { evaluate } from './template/evaluate.ts';
import { isObject } from './template/template.ts';

/** Whether there is something to compare: a copy in use, of a type that can be read. */
export function isCompared({ types }: CloudFormation, { current }: StackResource): boolean {
  return current !== undefined && types().get(current.type)?.read !== undefined;
}

/** Confirmed by docs: what a rollback skipped is looked at only when it is asked for itself. */
export function isSkipped({ statusReason }: StackResource): boolean {
  return statusReason === skippedByUser;
}

/** @throws AwsError if the caller may not look, or the service cannot tell */
export function look(
  ctx: Context,
  service: CloudFormation,
  stack: Stack,
  { logicalId, current }: StackResource,
): ResourceDrift | undefined {
  const type = current && service.types().get(current.type);
  if (!current || !type?.read) return undefined;
  const { physicalId } = current;
  const found = { logicalId, physicalId, type: type.name, at: ctx.now };
  const read = readNow(ctx, service, stack, { logicalId, current });
  if (read === undefined) return { ...found, status: 'DELETED', differences: [] };
  const secrets = stack.spec.parameters.filter(({ noEcho }) => noEcho).flatMap(({ value }) => value);
  const actual = redacted(withoutMarks(read), secrets) as Properties;
  const expected = withStackTags(type, expectedOf(ctx, service, stack, { logicalId, current }), current);
  const differences = driftOf(type, expected, actual);
  return {
    ...found,
    status: differences.length === 0 ? 'IN_SYNC' : 'MODIFIED',
    differences,
    ...compared(type, expected, actual),
  };
}

type Live = Pick<StackResource, 'logicalId'> & { readonly current: Deployment };

/** Undefined if there is no such thing any longer. */
function readNow(
  ctx: Context,
  { state, types }: CloudFormation,
  stack: Stack,
  { logicalId, current }: Live,
): Properties | undefined {
  const context: ReadContext = {
    ...resourceContext(ctx, stack, logicalId, current.stackTags),
    deployed: (type) =>
      state.resources.filter((other) => other.current?.type === type).flatMap((other) => other.current ?? []),
  };
  try {
    return types().get(current.type)?.read?.(context, current);
  } catch (error) {
    if (error instanceof AwsError && /NotFound|NoSuch|DoesNotExist/i.test(error.code)) return undefined;
    throw error;
  }
}

/** What the template gives, values of `NoEcho` parameters hidden. */
function expectedOf(
  ctx: Context,
  { state }: CloudFormation,
  stack: Stack,
  { logicalId, current }: Live,
): Properties {
  const { parameters } = stack.spec;
  if (!parameters.some(({ noEcho }) => noEcho)) return current.properties;
  const { template, scope } = evaluationOf(ctx, state, stack);
  const hidden = stackScope(ctx, state, stack, template, masked(parameters), scope);
  const shown = evaluate(template.Resources[logicalId]?.Properties ?? {}, hidden);
  return withSecretsHidden(current.properties, shown) as Properties;
}

/** What is another value once parameters are masked is secret. Plain references to SSM are not resolved in what is shown. */
function withSecretsHidden(value: unknown, shown: unknown): unknown {
  if (isObject(value) && isObject(shown)) {
    const members = Object.entries(value);
    return Object.fromEntries(members.map(([name, one]) => [name, withSecretsHidden(one, shown[name])]));
  }
  if (Array.isArray(value) && Array.isArray(shown))
    return value.map((item, index) => withSecretsHidden(item, shown[index]));
  const text = String(shown);
  return text === String(value) || text.includes('{{resolve:ssm:') ? value : secret;
}

/** Where the service keeps a secret elsewhere than the template has it, it is not shown either. */
function redacted(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return value;
  if (Array.isArray(value)) return value.map((item) => redacted(item, secrets));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redacted(item, secrets)]));
  return typeof value === 'string' && secrets.some((one) => one !== '' && value.includes(one))
    ? secret
    : value;
}

type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** Confirmed by users: a stack's tags are expected of its resources. https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/218 */
function withStackTags(type: ResourceType, properties: Properties, { stackTags }: Deployment): Properties {
  const shape = type.properties['Tags'];
  if (shape === undefined || stackTags.length === 0) return properties;
  const ofStack = stackTags.map(({ Key = '', Value = '' }: Tag) => ({ Key, Value }));
  const own = properties['Tags'];
  if (shape.kind === 'map') {
    const values = Object.fromEntries(ofStack.map(({ Key, Value }) => [Key, Value]));
    return { ...properties, Tags: { ...values, ...(isObject(own) ? own : {}) } };
  }
  const given = (own ?? []) as Tags;
  const inherited = ofStack.filter(({ Key }) => !given.some((tag) => tag.Key === Key));
  return { ...properties, Tags: [...given, ...inherited] };
}

/** Without CloudFormation's own tags. */
function withoutMarks({ Tags, ...actual }: Properties): Properties {
  if (Array.isArray(Tags)) return { ...actual, Tags: Tags.filter((tag: Tags[number]) => !isMark(tag.Key)) };
  if (!isObject(Tags)) return actual;
  return { ...actual, Tags: Object.fromEntries(Object.entries(Tags).filter(([key]) => !isMark(key))) };
}

function isMark(key: string | undefined): boolean {
  return key?.startsWith('aws:') === true;
}
