import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { ServiceModule } from '../../kernel/service.ts';
import { newSubnet } from './api/subnets.ts';
import { newVpc, vpcShape } from './api/vpcs.ts';
import { parseCidr } from './cidr.ts';
import { ec2Operation } from './operation.ts';
import type { Ec2State, Vpc } from './state.ts';
import { newId } from './tags.ts';
import { zonesOf } from './zones.ts';

export function defaultVpcOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateDefaultVpc: ec2Operation<Ec2.CreateDefaultVpcRequest, Ec2.CreateDefaultVpcResult>([], (ctx) => {
      if (state.vpcs.find((vpc) => vpc.isDefault)) {
        throw new AwsError(
          'DefaultVpcAlreadyExists',
          'A Default VPC already exists for this account in this region.',
        );
      }
      return { Vpc: { ...vpcShape(ctx, state, newDefaultVpc(ctx, state)), State: 'pending' } };
    }),
  };
}

/** Made once: a default VPC that was deleted does not come back by itself. */
export function makeDefaultVpcOnce(ctx: Context, state: Ec2State): void {
  if (state.account.has('defaults')) return;
  state.account.put('defaults', { dhcpOptionsId: newId(ctx, 'dopt') });
  newDefaultVpc(ctx, state);
}

/**
 * Confirmed by docs: a new account has a default VPC, 172.31.0.0/16, with a /20 public subnet in each zone, an internet
 * gateway and a route to it in the main route table. https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
 */
function newDefaultVpc(ctx: Context, state: Ec2State): Vpc {
  const vpc = newVpc(ctx, state, block('172.31.0.0/16'), { isDefault: true });
  const { vpcId } = vpc;
  zonesOf(ctx.region).forEach((availabilityZone, i) => {
    newSubnet(ctx, state, {
      vpcId,
      cidr: block(`172.31.${i * 16}.0/20`),
      availabilityZone,
      defaultForAz: true,
    });
  });
  const internetGatewayId = newId(ctx, 'igw');
  state.internetGateways.put(internetGatewayId, { internetGatewayId, vpcId });
  for (const table of state.routeTables.filter((t) => t.vpcId === vpcId)) {
    const routes = [{ destination: '0.0.0.0/0', target: internetGatewayId }];
    state.routeTables.put(table.routeTableId, { ...table, routes });
  }
  return vpc;
}

function block(text: string) {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is no CIDR block`);
  return cidr;
}
