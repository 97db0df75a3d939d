import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidTarget, limitExceeded, validationError } from '../errors.ts';
import { deregister, register } from '../health-checks.ts';
import {
  type Elbv2State,
  type TargetGroupRecord,
  type TargetRecord,
  targetGroupOf,
  targetKey,
  targetsOf,
} from '../state.ts';
import { zoneOf } from './network.ts';

export function registerTargets(
  ctx: Context,
  state: Elbv2State,
  { TargetGroupArn, Targets = [] }: Elb.RegisterTargetsInput,
): Elb.RegisterTargetsOutput {
  const group = targetGroupOf(state, TargetGroupArn);
  if (Targets.length === 0) throw validationError('At least one target must be specified');
  if (targetsOf(state, group.arn).length + Targets.length > 1000) {
    throw limitExceeded('TooManyTargets', 'The limit of 1000 targets per target group has been reached');
  }
  const isFirst = targetsOf(state, group.arn).length === 0;
  for (const target of Targets) {
    if (target.QuicServerId !== undefined)
      throw notModelled('elbv2: TargetDescription.QuicServerId', 'elbv2');
    const id = checkedAddress(target.Id);
    const availabilityZone = zoneOf(ctx, group.vpcId, id);
    if (availabilityZone === undefined && target.AvailabilityZone !== 'all') {
      throw invalidTarget(`The IP address '${id}' is not within a valid subnet of the VPC '${group.vpcId}'`);
    }
    register(ctx, state, group, {
      id,
      port: target.Port ?? group.port,
      ...(availabilityZone !== undefined && { availabilityZone }),
      ...(isFirst && { isFirst }),
    });
  }
  return {};
}

/** Known: a target that is not registered is no error. */
export function deregisterTargets(
  ctx: Context,
  state: Elbv2State,
  { TargetGroupArn, Targets = [] }: Elb.DeregisterTargetsInput,
): Elb.DeregisterTargetsOutput {
  const group = targetGroupOf(state, TargetGroupArn);
  if (Targets.length === 0) throw validationError('At least one target must be specified');
  for (const { Id: id, Port: port } of Targets) {
    // Confirmed by docs: without a port, all ports that the target is registered with.
    const registered = targetsOf(state, group.arn).filter(
      (target) => target.id === id && (port === undefined || target.port === port),
    );
    for (const target of registered) deregister(ctx, state, group, target);
  }
  return {};
}

export function describeTargetHealth(
  _ctx: Context,
  state: Elbv2State,
  { TargetGroupArn, Targets }: Elb.DescribeTargetHealthInput,
): Elb.DescribeTargetHealthOutput {
  const group = targetGroupOf(state, TargetGroupArn);
  if (!Targets || Targets.length === 0) {
    return {
      TargetHealthDescriptions: targetsOf(state, group.arn).map((target) => described(group, target)),
    };
  }
  return {
    TargetHealthDescriptions: Targets.map(({ Id: id = '', Port: port = group.port }) => {
      const target = state.targets.get(targetKey(group.arn, id, port));
      return target ? described(group, target) : notRegistered(id, port);
    }),
  };
}

function described(group: TargetGroupRecord, target: TargetRecord): Elb.TargetHealthDescription {
  const { id: Id, port: Port, availabilityZone, status } = target;
  const { port } = group.healthCheck;
  return {
    Target: { Id, Port, ...(availabilityZone !== undefined && { AvailabilityZone: availabilityZone }) },
    HealthCheckPort: port === 'traffic-port' ? String(Port) : port,
    TargetHealth: {
      State: status.state,
      ...('reason' in status && { Reason: status.reason, Description: status.description }),
    },
  };
}

function notRegistered(Id: string, Port: number): Elb.TargetHealthDescription {
  return {
    Target: { Id, Port },
    TargetHealth: {
      State: 'unused',
      Reason: 'Target.NotRegistered',
      Description: 'Target is not registered to the target group',
    },
  };
}

/** Confirmed by docs: addresses of the VPC, RFC 1918 or 100.64.0.0/10; never public ones. */
function checkedAddress(id = ''): string {
  const parts = id.split('.').map(Number);
  const [a = -1, b = -1] = parts;
  const isAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(id) && parts.every((part) => part <= 255);
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128);
  if (!isAddress) throw validationError(`The IP address '${id}' is not a valid IPv4 address`);
  if (!isPrivate) throw invalidTarget(`The IP address '${id}' is not within the VPC or a private range`);
  return id;
}
