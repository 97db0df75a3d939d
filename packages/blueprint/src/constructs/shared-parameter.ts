import { CfnParameter } from 'aws-cdk-lib';
import { CfnParameter as SsmParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';

/**
 * Publishes a value for other stacks. Exports would forbid this stack to change a value while another imports it; a
 * parameter is read anew at each deployment.
 */
export function publish(scope: Construct, id: string, name: string, value: string, type = 'String'): void {
  new SsmParameter(scope, id, { name, type, value });
}

/** The types of SSM parameter that the stacks read. */
export type SharedType =
  | 'String'
  | 'AWS::EC2::VPC::Id'
  | 'AWS::EC2::SecurityGroup::Id'
  | 'List<AWS::EC2::Subnet::Id>';

/** A template parameter whose value CloudFormation reads from SSM at each deployment. */
export function read(scope: Construct, id: string, name: string, type: SharedType = 'String'): CfnParameter {
  return new CfnParameter(scope, id, { type: `AWS::SSM::Parameter::Value<${type}>`, default: name });
}
