import { json, type ResourceType, text } from '../../kernel/resource-type.ts';

/** Only carries the CDK's usage analytics: there at once, and gone at once. */
export const cdkMetadata: ResourceType = {
  name: 'AWS::CDK::Metadata',
  properties: { Analytics: text },
  // Known: the physical id is the stack's logical id of the resource with a random tail.
  create: (ctx) => ({ physicalId: ctx.generateName(255) }),
  update: () => {},
  delete: () => {},
};

/** A URL that something may signal; nothing waits for it, since WaitCondition is not modelled. */
export const waitConditionHandle: ResourceType = {
  name: 'AWS::CloudFormation::WaitConditionHandle',
  properties: { Metadata: json },
  create: (ctx) => ({
    physicalId: `https://cloudformation-waitcondition-${ctx.region}.s3.${ctx.region}.amazonaws.com/${encodeURIComponent(`${ctx.stackId}/${ctx.logicalId}`)}`,
  }),
  update: () => {},
  delete: () => {},
};
