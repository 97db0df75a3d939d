import type { Tag } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { ResourceContext } from '../../kernel/resource-type.ts';
import type { StackIdentity } from './scope.ts';

/** What a resource type gets: the caller's context, and its place in the stack. */
export function resourceContext(
  ctx: Context,
  stack: StackIdentity,
  logicalId: string,
  stackTags: readonly Tag[],
): ResourceContext {
  return {
    ...ctx,
    stackName: stack.stackName,
    stackId: stack.stackId,
    logicalId,
    stackTags: [
      ...stackTags.map(({ Key = '', Value = '' }) => ({ Key, Value })),
      { Key: 'aws:cloudformation:stack-name', Value: stack.stackName },
      { Key: 'aws:cloudformation:logical-id', Value: logicalId },
      { Key: 'aws:cloudformation:stack-id', Value: stack.stackId },
    ],
    generateName: (maximum, options) => {
      const name = generatedName(stack.stackName, logicalId, ctx.random.text(12, nameAlphabet), maximum);
      return options?.lowerCase === true ? name.toLowerCase() : name;
    },
  };
}

const nameAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `STACK-LOGICALID-RANDOM`; where that is too long, both names are cut, the random part never. */
export function generatedName(stackName: string, logicalId: string, random: string, maximum: number): string {
  const room = Math.max(maximum - random.length - 2, 2);
  if (stackName.length + logicalId.length <= room) return `${stackName}-${logicalId}-${random}`;
  const half = Math.floor(room / 2);
  const forLogicalId = Math.max(half, room - stackName.length);
  const cutId = logicalId.slice(0, forLogicalId);
  // Some services refuse two hyphens in a row.
  const cutStack = stackName.slice(0, room - cutId.length).replace(/-+$/, '');
  return `${cutStack}-${cutId}-${random}`.slice(-maximum).replace(/^-+/, '');
}

/** A resource's failure in AWS's words. A fault of our own is told to the host as well. */
export function handlerFailure(ctx: Context, error: unknown): string {
  if (error instanceof AwsError) return handlerMessage(ctx, error.message, handlerErrorCode(error));
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  ctx.warn('resource-handler-failed', `A resource type failed by a fault of the region's own: ${text}`);
  return handlerMessage(ctx, error instanceof Error ? error.message : text, 'InternalFailure');
}

export function handlerMessage(ctx: Context, message: string, code: string): string {
  return `Resource handler returned message: "${message}" (RequestToken: ${ctx.random.uuid()}, HandlerErrorCode: ${code})`;
}

/** The contract of resource providers has a fixed list of codes. */
function handlerErrorCode(error: AwsError): string {
  const { code } = error;
  if (error.status >= 500 && code !== 'NotModelled') return 'ServiceInternalError';
  if (/AlreadyExists|Duplicate|AlreadyOwned/i.test(code)) return 'AlreadyExists';
  if (/NotFound|NoSuch|DoesNotExist/i.test(code)) return 'NotFound';
  if (/AccessDenied|Unauthorized|NotAuthorized/i.test(code)) return 'AccessDenied';
  if (/Throttl|TooManyRequests/i.test(code)) return 'Throttling';
  if (/LimitExceeded|QuotaExceeded|^TooMany/i.test(code)) return 'ServiceLimitExceeded';
  if (/Conflict|InUse|DependencyViolation/i.test(code)) return 'ResourceConflict';
  return 'InvalidRequest';
}
