import { Fn } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { networkParameters } from '../stacks/names.ts';
import { read } from './shared-parameter.ts';

export interface ImportedNetworkProps {
  readonly environment: string;
  /**
   * Which subnets the stack needs.
   * @default both
   */
  readonly tiers?: readonly ('public' | 'private')[];
}

/** The environment's network, as its stack published it. */
export class ImportedNetwork extends Construct {
  readonly vpc: IVpc;
  readonly publicSubnets: readonly ISubnet[];
  readonly privateSubnets: readonly ISubnet[];

  constructor(scope: Construct, id: string, props: ImportedNetworkProps) {
    super(scope, id);
    const names = networkParameters(props.environment);
    const tiers = props.tiers ?? ['public', 'private'];
    const vpcId = read(scope, 'VpcId', names.vpcId, 'AWS::EC2::VPC::Id').valueAsString;
    this.publicSubnets = tiers.includes('public') ? this.#subnets('Public', names.publicSubnetIds) : [];
    this.privateSubnets = tiers.includes('private') ? this.#subnets('Private', names.privateSubnetIds) : [];
    this.vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId,
      availabilityZones: zoneIndexes.map((index) => Fn.select(index, Fn.getAzs())),
    });
  }

  #subnets(tier: 'Public' | 'Private', name: string): readonly ISubnet[] {
    const scope = this.node.scope ?? this;
    const ids = read(scope, `${tier}SubnetIds`, name, 'List<AWS::EC2::Subnet::Id>').valueAsList;
    return zoneIndexes.map((index) =>
      Subnet.fromSubnetAttributes(this, `${tier}Subnet${index + 1}`, {
        subnetId: Fn.select(index, ids),
        availabilityZone: Fn.select(index, Fn.getAzs()),
      }),
    );
  }
}

const zoneIndexes = [0, 1, 2] as const;
