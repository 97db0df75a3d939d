import {
  flag,
  listOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

interface NetworkInterfaceProperties {
  readonly SubnetId: string;
  readonly Description?: string;
  readonly GroupSet?: readonly string[];
  readonly PrivateIpAddress?: string;
  readonly SourceDestCheck?: boolean;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-networkinterface.html
export const networkInterfaceType: ResourceType = {
  name: 'AWS::EC2::NetworkInterface',
  properties: {
    SubnetId: replaces(required(text)),
    Description: text,
    GroupSet: listOf(text),
    PrivateIpAddress: replaces(text),
    SourceDestCheck: flag,
    Tags: tags,
  },

  create(ctx, properties) {
    const { SubnetId, Description, GroupSet, PrivateIpAddress } = propertiesOf(properties);
    const { NetworkInterface } = ctx.call('ec2', 'createNetworkInterface', {
      SubnetId,
      Description,
      PrivateIpAddress,
      ...(GroupSet && { Groups: [...GroupSet] }),
      TagSpecifications: tagSpecifications(ctx, 'network-interface', properties),
    });
    const physicalId = NetworkInterface?.NetworkInterfaceId ?? '';
    modify(ctx, physicalId, properties);
    return { physicalId };
  },

  update(ctx, resource, properties) {
    modify(ctx, resource.physicalId, properties);
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: NetworkInterfaceId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId }));
  },

  read(ctx, { physicalId }) {
    const eni = find(ctx, physicalId);
    if (!eni) return undefined;
    const { SubnetId, Description, PrivateIpAddress, SourceDestCheck, Groups, TagSet } = eni;
    const GroupSet = Groups?.map(({ GroupId }) => GroupId);
    return { SubnetId, Description, PrivateIpAddress, SourceDestCheck, GroupSet, Tags: TagSet };
  },

  attributes(ctx, { physicalId: Id }) {
    const eni = find(ctx, Id);
    return {
      Id,
      PrimaryPrivateIpAddress: eni?.PrivateIpAddress,
      SecondaryPrivateIpAddresses: [],
      VpcId: eni?.VpcId,
    };
  },
};

function find(ctx: ResourceContext, id: string) {
  return ctx.call('ec2', 'describeNetworkInterfaces', { NetworkInterfaceIds: [id] }).NetworkInterfaces?.[0];
}

function propertiesOf(properties: Properties): NetworkInterfaceProperties {
  return properties as unknown as NetworkInterfaceProperties;
}

function modify(ctx: ResourceContext, NetworkInterfaceId: string, properties: Properties): void {
  const { Description, GroupSet, SourceDestCheck } = propertiesOf(properties);
  ctx.call('ec2', 'modifyNetworkInterfaceAttribute', {
    NetworkInterfaceId,
    Description: { Value: Description ?? '' },
    SourceDestCheck: { Value: SourceDestCheck ?? true },
    ...(GroupSet && { Groups: [...GroupSet] }),
  });
}
