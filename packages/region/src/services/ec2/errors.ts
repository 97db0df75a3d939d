import { AwsError } from '../../kernel/aws-error.ts';
import type { ResourceKind } from './resource-kind.ts';

// Codes confirmed by docs: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
// Message texts are Known from what AWS answers; its documentation gives only their meaning.

const missing: { readonly [kind in ResourceKind]: readonly [code: string, what: string, parameter: string] } =
  {
    vpc: ['InvalidVpcID.NotFound', 'vpc ID', 'vpcId'],
    subnet: ['InvalidSubnetID.NotFound', 'subnet ID', 'subnetId'],
    'network-acl': ['InvalidNetworkAclID.NotFound', 'networkAcl ID', 'networkAclId'],
    'internet-gateway': ['InvalidInternetGatewayID.NotFound', 'internetGateway ID', 'internetGatewayId'],
    'route-table': ['InvalidRouteTableID.NotFound', 'routeTable ID', 'routeTableId'],
    'elastic-ip': ['InvalidAllocationID.NotFound', 'allocation ID', 'allocationId'],
    natgateway: ['NatGatewayNotFound', 'NatGateway', 'natGatewayId'],
    'network-interface': ['InvalidNetworkInterfaceID.NotFound', 'networkInterface ID', 'networkInterfaceId'],
    'security-group': ['InvalidGroup.NotFound', 'security group', 'groupId'],
    'security-group-rule': [
      'InvalidSecurityGroupRuleId.NotFound',
      'security group rule ID',
      'securityGroupRuleId',
    ],
    'vpc-endpoint': ['InvalidVpcEndpointId.NotFound', 'Vpc Endpoint Id', 'vpcEndpointId'],
    'vpc-flow-log': ['InvalidFlowLogId.NotFound', 'flow log ID', 'flowLogId'],
  };

export function notFound(kind: ResourceKind, id: string | undefined): AwsError {
  const [code, what, parameter] = missing[kind];
  if (id === undefined || id === '') return missingParameter(parameter);
  if (kind === 'security-group' && !id.startsWith('sg-')) {
    return new AwsError('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`);
  }
  if (kind === 'natgateway') return new AwsError(code, `NatGateway ${id} was not found`);
  return new AwsError(code, `The ${what} '${id}' does not exist`);
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}`);
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}

export function dependencyViolation(message: string): AwsError {
  return new AwsError('DependencyViolation', message);
}

export function hasDependencies(what: string, id: string): AwsError {
  return dependencyViolation(`The ${what} '${id}' has dependencies and cannot be deleted.`);
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified token is not valid.');
}

/** Confirmed by docs: what a permitted request with `DryRun` gets. */
export function dryRunOperation(): AwsError {
  return new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', {
    status: 412,
  });
}

export function idempotentParameterMismatch(): AwsError {
  return new AwsError(
    'IdempotentParameterMismatch',
    'The request uses the same client token as a previous, but non-identical request.',
  );
}
