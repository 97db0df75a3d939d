import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { accountOperations } from './api/account.ts';
import { addressOperations } from './api/addresses.ts';
import { dhcpOptionsOperations } from './api/dhcp-options.ts';
import { flowLogOperations } from './api/flow-logs.ts';
import { internetGatewayOperations } from './api/internet-gateways.ts';
import { natGatewayOperations, onNatGatewayTimer } from './api/nat-gateways.ts';
import { networkAclOperations } from './api/network-acls.ts';
import { networkInterfaceOperations } from './api/network-interfaces.ts';
import { routeTableOperations } from './api/route-tables.ts';
import { securityGroupRuleOperations } from './api/security-group-rules.ts';
import { securityGroupOperations } from './api/security-groups.ts';
import { subnetOperations } from './api/subnets.ts';
import { tagOperations } from './api/tags.ts';
import { onVpcEndpointAvailable, vpcEndpointOperations } from './api/vpc-endpoints.ts';
import { vpcOperations } from './api/vpcs.ts';
import { eipType } from './cloudformation/eip.ts';
import { flowLogType } from './cloudformation/flow-log.ts';
import { internetGatewayType } from './cloudformation/internet-gateway.ts';
import { natGatewayType } from './cloudformation/nat-gateway.ts';
import { networkInterfaceType } from './cloudformation/network-interface.ts';
import { routeType } from './cloudformation/route.ts';
import { routeTableType } from './cloudformation/route-table.ts';
import { securityGroupType } from './cloudformation/security-group.ts';
import { securityGroupEgressType } from './cloudformation/security-group-egress.ts';
import { securityGroupIngressType } from './cloudformation/security-group-ingress.ts';
import { subnetType } from './cloudformation/subnet.ts';
import { subnetRouteTableAssociationType } from './cloudformation/subnet-route-table-association.ts';
import { vpcType } from './cloudformation/vpc.ts';
import { vpcCidrBlockType } from './cloudformation/vpc-cidr-block.ts';
import { vpcEndpointType } from './cloudformation/vpc-endpoint.ts';
import { vpcGatewayAttachmentType } from './cloudformation/vpc-gateway-attachment.ts';
import { defaultVpcOperations, makeDefaultVpcOnce } from './default-vpc.ts';
import { openEc2 } from './state.ts';

/** Amazon EC2: the VPC family. Instances and what belongs to them are not modelled. */
export function ec2(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openEc2(dependencies.tables);
  return {
    name: 'ec2',
    operations: {
      ...accountOperations(state),
      ...vpcOperations(state),
      ...defaultVpcOperations(state),
      ...dhcpOptionsOperations(state),
      ...subnetOperations(state),
      ...internetGatewayOperations(state),
      ...addressOperations(state),
      ...natGatewayOperations(state),
      ...routeTableOperations(state),
      ...networkAclOperations(state),
      ...securityGroupOperations(state),
      ...securityGroupRuleOperations(state),
      ...vpcEndpointOperations(state),
      ...flowLogOperations(state),
      ...networkInterfaceOperations(state),
      ...tagOperations(state),
    },
    resourceTypes: [
      eipType,
      flowLogType,
      internetGatewayType,
      natGatewayType,
      networkInterfaceType,
      routeType,
      routeTableType,
      securityGroupType,
      securityGroupEgressType,
      securityGroupIngressType,
      subnetType,
      subnetRouteTableAssociationType,
      vpcType,
      vpcCidrBlockType,
      vpcEndpointType,
      vpcGatewayAttachmentType,
    ],
    onStart: (ctx) => makeDefaultVpcOnce(ctx, state),
    onTimer(ctx, timer) {
      if (timer.name === 'token-forgotten') state.clientTokens.delete(timer.subject);
      else if (timer.name === 'endpoint-available') onVpcEndpointAvailable(state, timer.subject);
      else onNatGatewayTimer(ctx, state, timer);
    },
  };
}
