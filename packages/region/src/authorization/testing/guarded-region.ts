import type { Principal } from '../../kernel/context.ts';
import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { iam } from '../../services/iam/service.ts';
import { sts } from '../../services/sts/service.ts';
import { findSession } from '../../services/sts/views.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { Authorizer } from '../authorizer.ts';

export interface GuardedRegion extends TestRegion {
  readonly authorizer: Authorizer;
  /** Makes a role with this inline policy and opens a session of it. */
  sessionOf(statements: readonly object[], options?: RoleOptions): Promise<Principal>;
}

interface RoleOptions {
  readonly name?: string;
  readonly attached?: readonly string[];
  readonly boundary?: string;
  readonly trust?: object;
  readonly tags?: Readonly<Record<string, string>>;
  readonly session?: {
    readonly Policy?: string;
    readonly ExternalId?: string;
    readonly Tags?: { Key: string; Value: string }[];
  };
}

export const account = '000000000000';
export const trustingAccount = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
};

export const policy = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

export const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[] = '*',
  Condition?: object,
) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

/** A region on virtual time in which IAM decides. */
export function guardedRegion(
  modules: (tables: Tables) => readonly ServiceModule[] = () => [],
): GuardedRegion {
  const made: { authorizer?: Authorizer } = {};
  const region = testRegion((tables) => [iam({ tables }), sts({ tables }), ...modules(tables)], {
    authorize: (tables) => {
      const authorizer = new Authorizer({
        tables,
        accountId: account,
        region: 'eu-central-1',
        warn: () => {},
      });
      made.authorizer = authorizer;
      return (request) => authorizer.authorize(request);
    },
  });
  if (!made.authorizer) throw new Error('the region made no authorizer');
  return { ...region, authorizer: made.authorizer, sessionOf: (...asked) => sessionOf(region, ...asked) };
}

async function sessionOf(
  { call, tables }: TestRegion,
  statements: readonly object[],
  { name = 'app', attached = [], boundary, trust = trustingAccount, tags, session }: RoleOptions = {},
): Promise<Principal> {
  const { Role } = await call('iam', 'createRole', {
    RoleName: name,
    AssumeRolePolicyDocument: policy(trust),
    ...(boundary !== undefined && { PermissionsBoundary: boundary }),
    ...(tags && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  });
  if (statements.length > 0)
    await call('iam', 'putRolePolicy', {
      RoleName: name,
      PolicyName: 'inline',
      PolicyDocument: policy(...statements),
    });
  for (const PolicyArn of attached) await call('iam', 'attachRolePolicy', { RoleName: name, PolicyArn });
  const { Credentials } = await call('sts', 'assumeRole', {
    RoleArn: Role?.Arn,
    RoleSessionName: 'session',
    ...session,
  });
  const found = findSession(tables, account, Credentials?.AccessKeyId ?? '');
  if (!found) throw new Error('no session was opened');
  return {
    ...found.principal,
    ...(Credentials?.AccessKeyId !== undefined && { accessKeyId: Credentials.AccessKeyId }),
  };
}
