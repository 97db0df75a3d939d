import { notModelled } from '../../../kernel/aws-error.ts';
import {
  json,
  listOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface PolicyProperties {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html
// An inline policy put into each role. Users and Groups are not modelled, so they are no properties here.
export const policyType: ResourceType = {
  name: 'AWS::IAM::Policy',
  properties: {
    PolicyName: required(replaces(text)),
    PolicyDocument: required(json),
    Roles: listOf(text),
  },

  create(ctx, properties) {
    put(ctx, properties);
    return { physicalId: ctx.generateName(128) };
  },

  update(ctx, { properties: before }, properties) {
    const kept = rolesOf(properties);
    remove(
      ctx,
      before,
      rolesOf(before).filter((role) => !kept.includes(role)),
    );
    put(ctx, properties);
  },

  delete(ctx, { properties }) {
    remove(ctx, properties, rolesOf(properties));
  },

  read(ctx, { properties }) {
    const { PolicyName, PolicyDocument } = properties as unknown as PolicyProperties;
    const found = rolesOf(properties).flatMap((RoleName) => {
      const { PolicyNames = [] } = ctx.call('iam', 'listRolePolicies', { RoleName });
      if (!PolicyNames.includes(PolicyName)) return [];
      const { PolicyDocument: text = '{}' } = ctx.call('iam', 'getRolePolicy', { RoleName, PolicyName });
      return [{ RoleName, document: decodeURIComponent(text) }];
    });
    if (found.length === 0) return undefined;
    // Of several roles the first whose document is another one.
    const given = JSON.stringify(PolicyDocument);
    const other = found.find(({ document }) => document !== given);
    return {
      PolicyDocument: other?.document ?? PolicyDocument,
      Roles: found.map(({ RoleName }) => RoleName),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function put(ctx: ResourceContext, properties: Properties): void {
  const { PolicyName, PolicyDocument, Roles = [] } = properties as unknown as PolicyProperties;
  if (Roles.length === 0) throw notModelled('AWS::IAM::Policy without Roles', 'iam');
  for (const RoleName of Roles) {
    ctx.call('iam', 'putRolePolicy', {
      RoleName,
      PolicyName,
      PolicyDocument: JSON.stringify(PolicyDocument),
    });
  }
}

function remove(ctx: ResourceContext, properties: Properties, roles: readonly string[]): void {
  const { PolicyName } = properties as unknown as PolicyProperties;
  for (const RoleName of roles) {
    ignoreMissing(() => ctx.call('iam', 'deleteRolePolicy', { RoleName, PolicyName }));
  }
}

function rolesOf(properties: Properties): readonly string[] {
  return (properties as unknown as PolicyProperties).Roles ?? [];
}
