import type { Context } from '../../kernel/context.ts';
import { newSubnet } from './api/subnets.ts';
import { newVpc } from './api/vpcs.ts';
import { parseCidr } from './cidr.ts';
import type { Ec2State } from './state.ts';
import { newId } from './tags.ts';
import { zonesOf } from './zones.ts';

/**
 * Confirmed by docs: a new account has a default VPC, 172.31.0.0/16, with a /20 public subnet in each zone, an internet
 * gateway and a route to it in the main route table. https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
 * Made once: a default VPC that was deleted does not come back by itself.
 */
export function makeDefaultVpcOnce(ctx: Context, state: Ec2State): void {
  if (state.account.has('defaults')) return;
  state.account.put('defaults', { dhcpOptionsId: newId(ctx, 'dopt') });
  const { vpcId } = newVpc(ctx, state, block('172.31.0.0/16'), { isDefault: true });
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
}

function block(text: string) {
  const cidr = parseCidr(text);
  if (!cidr) throw new Error(`${text} is no CIDR block`);
  return cidr;
}
