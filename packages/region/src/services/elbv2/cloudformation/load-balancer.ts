import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  listOf,
  object,
  type ResourceContext,
  type ResourceType,
  replaces,
  stable,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { retag, tagsNow, tagsOf } from './retag.ts';
import { attributeList, givenAttributes } from './shapes.ts';

interface LoadBalancerProperties {
  readonly Name?: string;
  readonly Scheme?: Elb.LoadBalancerSchemeEnum;
  readonly Type?: Elb.LoadBalancerTypeEnum;
  readonly IpAddressType?: Elb.IpAddressType;
  readonly Subnets?: string[];
  readonly SubnetMappings?: Elb.SubnetMapping[];
  readonly SecurityGroups?: string[];
  readonly LoadBalancerAttributes?: Elb.LoadBalancerAttribute[];
  readonly Tags?: readonly Elb.Tag[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-loadbalancer.html
export const loadBalancerType: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  properties: {
    Name: replaces(text),
    Scheme: replaces(text),
    Type: replaces(text),
    IpAddressType: text,
    Subnets: listOf(text),
    SubnetMappings: listOf(object({ SubnetId: text })),
    SecurityGroups: listOf(text),
    LoadBalancerAttributes: attributeList,
    Tags: tags,
  },

  create(ctx, properties) {
    const {
      Name = ctx.generateName(32),
      LoadBalancerAttributes,
      Tags,
      ...rest
    } = properties as LoadBalancerProperties;
    const created = ctx.call('elbv2', 'createLoadBalancer', { Name, ...rest, Tags: tagsOf(ctx, Tags) });
    const physicalId = created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
    setAttributes(ctx, physicalId, LoadBalancerAttributes);
    return { physicalId };
  },

  update(ctx, { physicalId: LoadBalancerArn, properties: before }, given) {
    const properties = given as LoadBalancerProperties;
    const { SecurityGroups, Subnets, SubnetMappings, LoadBalancerAttributes, Tags } = properties;
    if (SecurityGroups) ctx.call('elbv2', 'setSecurityGroups', { LoadBalancerArn, SecurityGroups });
    const previous = before as LoadBalancerProperties;
    if (!isSame([Subnets, SubnetMappings], [previous.Subnets, previous.SubnetMappings])) {
      ctx.call('elbv2', 'setSubnets', { LoadBalancerArn, Subnets, SubnetMappings });
    }
    setAttributes(ctx, LoadBalancerArn, LoadBalancerAttributes);
    retag(ctx, LoadBalancerArn, tagsOf(ctx, Tags));
  },

  delete(ctx, { physicalId: LoadBalancerArn }) {
    ctx.call('elbv2', 'deleteLoadBalancer', { LoadBalancerArn });
  },

  stable(ctx, { physicalId }) {
    const { Code, Reason } = read(ctx, physicalId).State ?? {};
    // A listener's port that is busy is the listener's failure.
    return Code === 'provisioning'
      ? { kind: 'waiting', on: Reason ?? 'the load balancer to be active' }
      : stable;
  },

  read(ctx, { physicalId, properties }) {
    const loadBalancer = read(ctx, physicalId);
    const { LoadBalancerName: Name, Scheme, Type, IpAddressType, SecurityGroups } = loadBalancer;
    const subnets = loadBalancer.AvailabilityZones?.map(({ SubnetId }) => SubnetId);
    const { Attributes } = ctx.call('elbv2', 'describeLoadBalancerAttributes', {
      LoadBalancerArn: physicalId,
    });
    return {
      Name,
      Scheme,
      Type,
      IpAddressType,
      SecurityGroups,
      Subnets: subnets,
      SubnetMappings: subnets?.map((SubnetId) => ({ SubnetId })),
      LoadBalancerAttributes: givenAttributes(properties['LoadBalancerAttributes'], Attributes),
      Tags: tagsNow(ctx, physicalId),
    };
  },

  attributes(ctx, { physicalId }) {
    const loadBalancer = read(ctx, physicalId);
    return {
      LoadBalancerArn: physicalId,
      CanonicalHostedZoneID: loadBalancer.CanonicalHostedZoneId,
      DNSName: loadBalancer.DNSName,
      LoadBalancerFullName: physicalId.slice(physicalId.indexOf('loadbalancer/') + 'loadbalancer/'.length),
      LoadBalancerName: loadBalancer.LoadBalancerName,
      SecurityGroups: loadBalancer.SecurityGroups,
    };
  },
};

function read(ctx: ResourceContext, arn: string): Elb.LoadBalancer {
  const { LoadBalancers = [] } = ctx.call('elbv2', 'describeLoadBalancers', { LoadBalancerArns: [arn] });
  return LoadBalancers[0] ?? {};
}

function setAttributes(
  ctx: ResourceContext,
  LoadBalancerArn: string,
  Attributes: Elb.LoadBalancerAttribute[] = [],
): void {
  if (Attributes.length > 0)
    ctx.call('elbv2', 'modifyLoadBalancerAttributes', { LoadBalancerArn, Attributes });
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
