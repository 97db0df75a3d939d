import type { Tables } from '../../kernel/table.ts';
import { awsManagedPolicy } from './aws-managed-policies.ts';
import { openIam, type Role } from './state.ts';

export type { Role };

export interface IamViews {
  role(name: string): Role | undefined;
  roles(): readonly Role[];
  /** The JSON text of a managed policy's default version: a customer's, or one of AWS's that the region has. */
  policyDocument(arn: string): string | undefined;
}

export function iamViews(tables: Tables): IamViews {
  const state = openIam(tables);
  return {
    role: (name) => state.roles.get(name.toLowerCase()),
    roles: () => [...state.roles.values()],
    policyDocument: (arn) => {
      const policy = state.policies.get(arn);
      if (policy === undefined) return awsManagedPolicy(arn);
      return policy.versions.find(({ id }) => id === policy.defaultVersionId)?.document;
    },
  };
}
