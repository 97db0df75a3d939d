import { AwsError } from '../../../kernel/aws-error.ts';
import type { ResourceContext } from '../../../kernel/resource-type.ts';

/** Is the secret there, and not scheduled for deletion? A resource must not refuse what is already gone. */
export function isPresent(ctx: ResourceContext, secretId: string): boolean {
  try {
    return ctx.call('secretsmanager', 'describeSecret', { SecretId: secretId }).DeletedDate === undefined;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return false;
    throw error;
  }
}
