import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  flag,
  integer,
  listOf,
  object,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { retag, tagsNow, tagsOf } from './retag.ts';
import { attributeList, givenAttributes } from './shapes.ts';

interface TargetGroupProperties extends Omit<Elb.CreateTargetGroupInput, 'Name' | 'Tags'> {
  readonly Name?: string;
  readonly TargetGroupAttributes?: Elb.TargetGroupAttribute[];
  readonly Targets?: Elb.TargetDescription[];
  readonly Tags?: readonly Elb.Tag[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html
export const targetGroupType: ResourceType = {
  name: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  properties: {
    Name: replaces(text),
    Port: replaces(integer),
    Protocol: replaces(text),
    ProtocolVersion: replaces(text),
    VpcId: replaces(text),
    TargetType: replaces(text),
    IpAddressType: replaces(text),
    HealthCheckEnabled: flag,
    HealthCheckIntervalSeconds: integer,
    HealthCheckPath: text,
    HealthCheckPort: text,
    HealthCheckProtocol: text,
    HealthCheckTimeoutSeconds: integer,
    HealthyThresholdCount: integer,
    UnhealthyThresholdCount: integer,
    Matcher: object({ HttpCode: text, GrpcCode: text }),
    TargetGroupAttributes: attributeList,
    Targets: listOf(object({ Id: text, Port: integer, AvailabilityZone: text })),
    Tags: tags,
  },

  create(ctx, properties) {
    const {
      Name = ctx.generateName(32),
      TargetGroupAttributes,
      Targets,
      Tags,
      ...rest
    } = properties as TargetGroupProperties;
    const created = ctx.call('elbv2', 'createTargetGroup', { Name, ...rest, Tags: tagsOf(ctx, Tags) });
    const physicalId = created.TargetGroups?.[0]?.TargetGroupArn ?? '';
    setAttributes(ctx, physicalId, TargetGroupAttributes);
    setTargets(ctx, physicalId, [], Targets);
    return { physicalId };
  },

  update(ctx, { physicalId: TargetGroupArn, properties: before }, given) {
    const properties = given as TargetGroupProperties;
    ctx.call('elbv2', 'modifyTargetGroup', { TargetGroupArn, ...healthCheckOf(properties) });
    setAttributes(ctx, TargetGroupArn, properties.TargetGroupAttributes);
    setTargets(ctx, TargetGroupArn, (before as TargetGroupProperties).Targets, properties.Targets);
    retag(ctx, TargetGroupArn, tagsOf(ctx, properties.Tags));
  },

  delete(ctx, { physicalId: TargetGroupArn }) {
    ctx.call('elbv2', 'deleteTargetGroup', { TargetGroupArn });
  },

  read(ctx, { physicalId: TargetGroupArn, properties }) {
    const { TargetGroups: [group] = [] } = ctx.call('elbv2', 'describeTargetGroups', {
      TargetGroupArns: [TargetGroupArn],
    });
    if (!group) return undefined;
    const {
      TargetGroupName: Name,
      Port,
      Protocol,
      ProtocolVersion,
      VpcId,
      TargetType,
      IpAddressType,
    } = group;
    const { Attributes } = ctx.call('elbv2', 'describeTargetGroupAttributes', { TargetGroupArn });
    return {
      ...healthCheckOf(group as TargetGroupProperties),
      Name,
      Port,
      Protocol,
      ProtocolVersion,
      VpcId,
      TargetType,
      IpAddressType,
      TargetGroupAttributes: givenAttributes(properties['TargetGroupAttributes'], Attributes),
      Targets: targetsNow(ctx, TargetGroupArn, properties as TargetGroupProperties),
      Tags: tagsNow(ctx, TargetGroupArn),
    };
  },

  attributes(ctx, { physicalId }) {
    const { TargetGroups = [] } = ctx.call('elbv2', 'describeTargetGroups', {
      TargetGroupArns: [physicalId],
    });
    return {
      TargetGroupArn: physicalId,
      TargetGroupFullName: physicalId.slice(physicalId.indexOf('targetgroup/')),
      TargetGroupName: TargetGroups[0]?.TargetGroupName,
      LoadBalancerArns: TargetGroups[0]?.LoadBalancerArns,
    };
  },
};

/** What `ModifyTargetGroup` changes. A setting that left the template keeps its value, as on AWS. */
function healthCheckOf(
  properties: TargetGroupProperties,
): Omit<Elb.ModifyTargetGroupInput, 'TargetGroupArn'> {
  const { HealthCheckEnabled, HealthCheckIntervalSeconds, HealthCheckPath, HealthCheckPort } = properties;
  const {
    HealthCheckProtocol,
    HealthCheckTimeoutSeconds,
    HealthyThresholdCount,
    UnhealthyThresholdCount,
    Matcher,
  } = properties;
  return {
    HealthCheckEnabled,
    HealthCheckIntervalSeconds,
    HealthCheckPath,
    HealthCheckPort,
    HealthCheckProtocol,
    HealthCheckTimeoutSeconds,
    HealthyThresholdCount,
    UnhealthyThresholdCount,
    Matcher,
  };
}

/** Of the targets that the template gives those that are there; a service registers its own beside them. */
function targetsNow(ctx: ResourceContext, TargetGroupArn: string, { Targets = [] }: TargetGroupProperties) {
  if (Targets.length === 0) return [];
  const { TargetHealthDescriptions = [] } = ctx.call('elbv2', 'describeTargetHealth', { TargetGroupArn });
  return Targets.filter(({ Id, Port }) =>
    TargetHealthDescriptions.some(
      ({ Target, TargetHealth }) =>
        Target?.Id === Id &&
        (Port === undefined || Target?.Port === Port) &&
        TargetHealth?.State !== 'draining',
    ),
  );
}

function setAttributes(
  ctx: ResourceContext,
  TargetGroupArn: string,
  Attributes: Elb.TargetGroupAttribute[] = [],
): void {
  if (Attributes.length > 0) ctx.call('elbv2', 'modifyTargetGroupAttributes', { TargetGroupArn, Attributes });
}

function setTargets(
  ctx: ResourceContext,
  TargetGroupArn: string,
  before: readonly Elb.TargetDescription[] = [],
  wanted: readonly Elb.TargetDescription[] = [],
): void {
  const isIn = (list: readonly Elb.TargetDescription[], target: Elb.TargetDescription): boolean =>
    list.some(({ Id, Port }) => Id === target.Id && Port === target.Port);
  const gone = before.filter((target) => !isIn(wanted, target));
  if (gone.length > 0) ctx.call('elbv2', 'deregisterTargets', { TargetGroupArn, Targets: gone });
  if (wanted.length > 0) ctx.call('elbv2', 'registerTargets', { TargetGroupArn, Targets: [...wanted] });
}
