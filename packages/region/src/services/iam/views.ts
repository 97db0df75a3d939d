import type { Tables } from '../../kernel/table.ts';
import { awsManagedPolicy } from './aws-managed-policies.ts';
import { openIam, type Role, type User } from './state.ts';

export type { Role, User };

export interface IamViews {
  role(name: string): Role | undefined;
  roles(): readonly Role[];
  user(id: string): User | undefined;
  /** The JSON text of a managed policy's default version: a customer's, or one of AWS's that the region has. */
  policyDocument(arn: string): string | undefined;
}

export function iamViews(tables: Tables): IamViews {
  const state = openIam(tables);
  return {
    role: (name) => state.roles.get(name.toLowerCase()),
    roles: () => [...state.roles.values()],
    user: (id) => state.users.find((user) => user.id === id),
    policyDocument: (arn) => {
      const policy = state.policies.get(arn);
      if (policy === undefined) return awsManagedPolicy(arn)?.document;
      return policy.versions.find(({ id }) => id === policy.defaultVersionId)?.document;
    },
  };
}

/** A user's access key as the gateway checks it. */
interface UserCredential {
  readonly secretAccessKey: string;
  readonly principal: {
    readonly type: 'User';
    readonly arn: string;
    readonly accountId: string;
    readonly userId: string;
  };
}

/** Known: an inactive key is answered as one that is not there. */
export function findAccessKey(
  tables: Tables,
  accountId: string,
  accessKeyId: string,
): UserCredential | undefined {
  const state = openIam(tables);
  const key = state.accessKeys.get(accessKeyId);
  const user = key?.status === 'Active' && state.users.find(({ id }) => id === key.userId);
  if (!user) return undefined;
  const principal = { type: 'User', arn: user.arn, accountId, userId: user.id } as const;
  return { secretAccessKey: key.secretAccessKey, principal };
}

/** Of a key that is nobody's: whether it is there and switched off. */
export function isInactiveAccessKey(tables: Tables, accessKeyId: string): boolean {
  return openIam(tables).accessKeys.get(accessKeyId)?.status === 'Inactive';
}
