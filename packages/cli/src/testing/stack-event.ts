import type { StackEvent } from '@aws-sdk/client-cloudformation';

const stackId = 'arn:aws:cloudformation:eu-central-1:000000000000:stack/shop/1';

/** An event of the stack `shop` itself. */
export function ofStack(status: string, reason?: string): StackEvent {
  return event('shop', status, {
    ResourceType: 'AWS::CloudFormation::Stack',
    PhysicalResourceId: stackId,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
  });
}

export function ofResource(logicalId: string, status: string, reason?: string): StackEvent {
  return event(logicalId, status, {
    ResourceType: 'AWS::EC2::VPC',
    PhysicalResourceId: `id-${logicalId}`,
    ...(reason !== undefined && { ResourceStatusReason: reason }),
  });
}

function event(logicalId: string, status: string, rest: Partial<StackEvent>): StackEvent {
  return {
    StackId: stackId,
    StackName: 'shop',
    EventId: `${logicalId}-${status}`,
    LogicalResourceId: logicalId,
    ResourceStatus: status as NonNullable<StackEvent['ResourceStatus']>,
    Timestamp: new Date(0),
    ...rest,
  };
}
