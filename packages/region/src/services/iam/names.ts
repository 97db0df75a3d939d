import type { Context } from '../../kernel/context.ts';
import { validationError } from './errors.ts';

type TagList =
  | readonly { readonly Key: string | undefined; readonly Value: string | undefined }[]
  | undefined;

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `AROA…` for roles, `AIDA…` for users, `ANPA…` for managed policies: the prefix and 17 characters. */
export function uniqueId(ctx: Context, prefix: 'AROA' | 'ANPA' | 'AIDA'): string {
  return prefix + ctx.random.text(17, base32);
}

export function checkName(
  member: 'roleName' | 'policyName' | 'userName' | 'newUserName',
  name: string | undefined,
): string {
  const maximum = member === 'policyName' ? 128 : 64;
  const given = name ?? '';
  if (/^[\w+=,.@-]+$/.test(given) && given.length <= maximum) return given;
  throw validationError(
    given.length > maximum
      ? `1 validation error detected: Value '${given}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${maximum}`
      : `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

export function checkPath(path: string | undefined): string {
  const given = path ?? '/';
  if (given === '/' || /^\/[\x21-\x7e]+\/$/.test(given)) return given;
  throw validationError(
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}

export function toRecord(tags: TagList): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
}

export function toList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
