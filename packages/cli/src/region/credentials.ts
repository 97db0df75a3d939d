import { UserError } from '../errors.ts';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const wellKnown: AccessKey = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * The root user's access key of a local region: `test` / `test`, unless the environment names another (decision 0003). The
 * region reads the same variables; they are not passed on its command line, where others could read them.
 * @throws UserError when only one part is given
 */
export function localAccessKey(env: Readonly<Record<string, string | undefined>>): AccessKey {
  const accessKeyId = env['PLIMSOLL_ACCESS_KEY_ID'] || undefined;
  const secretAccessKey = env['PLIMSOLL_SECRET_ACCESS_KEY'] || undefined;
  if (accessKeyId === undefined && secretAccessKey === undefined) return wellKnown;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey };
  throw new UserError(
    'PLIMSOLL_ACCESS_KEY_ID and PLIMSOLL_SECRET_ACCESS_KEY: give both, or neither for test / test.',
    2,
  );
}

/** What a user exports for AWS clients. A secret of the user's own is named, not shown. */
export function accessKeyExports(env: Readonly<Record<string, string | undefined>>): string {
  const { accessKeyId } = localAccessKey(env);
  const secret =
    accessKeyId === wellKnown.accessKeyId ? wellKnown.secretAccessKey : '$PLIMSOLL_SECRET_ACCESS_KEY';
  return `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secret}`;
}
