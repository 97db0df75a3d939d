import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { dependencyViolation, hasDependencies } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, find, type InternetGateway } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function internetGatewayOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateInternetGateway: ec2Operation<Ec2.CreateInternetGatewayRequest, Ec2.CreateInternetGatewayResult>(
      ['TagSpecifications'],
      (ctx, input) => {
        const internetGatewayId = newId(ctx, 'igw');
        state.internetGateways.put(internetGatewayId, { internetGatewayId });
        tagNew(state, 'internet-gateway', internetGatewayId, input.TagSpecifications);
        return { InternetGateway: shape(ctx, state, { internetGatewayId }) };
      },
    ),
    DescribeInternetGateways: ec2Operation<
      Ec2.DescribeInternetGatewaysRequest,
      Ec2.DescribeInternetGatewaysResult
    >(['InternetGatewayIds', 'Filters', 'MaxResults', 'NextToken'], (ctx, input) => {
      const { items, next } = list(state, 'internet-gateway', input.InternetGatewayIds, input, filters(ctx));
      return { InternetGateways: items.map((gateway) => shape(ctx, state, gateway)), ...next };
    }),
    AttachInternetGateway: ec2Operation<Ec2.AttachInternetGatewayRequest, void>(
      ['InternetGatewayId', 'VpcId'],
      (_ctx, input) => attachInternetGateway(state, input),
    ),
    DetachInternetGateway: ec2Operation<Ec2.DetachInternetGatewayRequest, void>(
      ['InternetGatewayId', 'VpcId'],
      (_ctx, input) => detachInternetGateway(state, input),
    ),
    DeleteInternetGateway: ec2Operation<Ec2.DeleteInternetGatewayRequest, void>(
      ['InternetGatewayId'],
      (_ctx, input) => {
        const gateway = find(state, 'internet-gateway', input.InternetGatewayId);
        if (gateway.vpcId) throw hasDependencies('internetGateway', gateway.internetGatewayId);
        state.internetGateways.delete(gateway.internetGatewayId);
        state.tags.delete(gateway.internetGatewayId);
      },
    ),
  };
}

function attachInternetGateway(state: Ec2State, input: Ec2.AttachInternetGatewayRequest): void {
  const { internetGatewayId, vpcId: attached } = find(state, 'internet-gateway', input.InternetGatewayId);
  const { vpcId } = find(state, 'vpc', input.VpcId);
  if (attached) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `resource ${internetGatewayId} is already attached to network ${attached}`,
    );
  }
  if (state.internetGateways.find((other) => other.vpcId === vpcId)) {
    throw new AwsError('InvalidParameterValue', `Network ${vpcId} already has an internet gateway attached`);
  }
  state.internetGateways.put(internetGatewayId, { internetGatewayId, vpcId });
}

function detachInternetGateway(state: Ec2State, input: Ec2.DetachInternetGatewayRequest): void {
  const { internetGatewayId, vpcId: attached } = find(state, 'internet-gateway', input.InternetGatewayId);
  const { vpcId } = find(state, 'vpc', input.VpcId);
  if (attached !== vpcId) {
    throw new AwsError(
      'Gateway.NotAttached',
      `resource ${internetGatewayId} is not attached to network ${vpcId}`,
    );
  }
  const isMapped = state.addresses.find(
    ({ networkInterfaceId }) => state.networkInterfaces.get(networkInterfaceId ?? '')?.vpcId === vpcId,
  );
  if (isMapped) {
    throw dependencyViolation(
      `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
  }
  state.internetGateways.put(internetGatewayId, { internetGatewayId });
}

function filters(ctx: Context): Filters<InternetGateway> {
  return {
    'attachment.state': (gateway) => (gateway.vpcId ? 'available' : undefined),
    'attachment.vpc-id': (gateway) => gateway.vpcId,
    'internet-gateway-id': (gateway) => gateway.internetGatewayId,
    'owner-id': () => ctx.accountId,
  };
}

function shape(ctx: Context, state: Ec2State, gateway: InternetGateway): Ec2.InternetGateway {
  // Known: an attached gateway is `available`, a state that the SDK's type does not name.
  const State = 'available' as Ec2.AttachmentStatus;
  return {
    InternetGatewayId: gateway.internetGatewayId,
    Attachments: gateway.vpcId ? [{ State, VpcId: gateway.vpcId }] : [],
    OwnerId: ctx.accountId,
    Tags: tagsOf(state, gateway.internetGatewayId),
  };
}
