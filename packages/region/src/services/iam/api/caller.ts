import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { validationError } from '../errors.ts';
import type { IamState } from '../state.ts';

/** Confirmed by API text: where no user is named it is who asks. Known: the words for those who are none. */
export function callerOr({ caller }: Context, state: IamState, userName: string | undefined): string {
  if (userName !== undefined) return userName;
  if (caller.type === 'Root') throw notModelled('iam: access keys of the root user', 'iam');
  const user = state.users.find(({ id }) => id === caller.userId);
  if (user === undefined)
    throw validationError('Must specify userName when calling with non-User credentials');
  return user.name;
}
