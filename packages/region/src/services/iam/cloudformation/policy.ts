import { json, listOf, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { holdersOf, inlineOf, isSameHolder, namesOf, putInline, removeInline } from './holders.ts';

interface PolicyProperties {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html
// An inline policy put into each role and user. Groups are not modelled, so they are no property here.
export const policyType: ResourceType = {
  name: 'AWS::IAM::Policy',
  properties: {
    PolicyName: required(replaces(text)),
    PolicyDocument: required(json),
    Roles: listOf(text),
    Users: listOf(text),
  },

  create(ctx, properties) {
    putInline(ctx, holdersOf(properties), properties as unknown as PolicyProperties);
    return { physicalId: ctx.generateName(128) };
  },

  update(ctx, { properties: before }, properties) {
    const kept = holdersOf(properties);
    const gone = holdersOf(before).filter((one) => !kept.some((other) => isSameHolder(one, other)));
    removeInline(ctx, gone, before as unknown as PolicyProperties);
    putInline(ctx, kept, properties as unknown as PolicyProperties);
  },

  delete(ctx, { properties }) {
    removeInline(ctx, holdersOf(properties), properties as unknown as PolicyProperties);
  },

  read(ctx, { properties }) {
    const { PolicyName, PolicyDocument } = properties as unknown as PolicyProperties;
    const found = holdersOf(properties).flatMap((holder) => {
      const document = inlineOf(ctx, holder, PolicyName);
      return document === undefined ? [] : [{ holder, document }];
    });
    if (found.length === 0) return undefined;
    // Of several holders the first whose document is another one.
    const given = JSON.stringify(PolicyDocument);
    const other = found.find(({ document }) => document !== given);
    return {
      PolicyDocument: other?.document ?? PolicyDocument,
      ...namesOf(found.map(({ holder }) => holder)),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};
