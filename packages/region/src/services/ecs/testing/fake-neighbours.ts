/**
 * Small stand-ins for the services that ECS calls, for its tests: subnets and network interfaces, target groups with a
 * deregistration delay and a health check that passes or fails by the address's owner, log groups, and secrets.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import type { Table, Tables } from '../../../kernel/table.ts';

/** Weights of a listener rule by target group. */
export type Weights = Readonly<Record<string, number>>;

interface Target {
  readonly group: string;
  readonly id: string;
  readonly port: number;
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'draining';
}

export interface Neighbours {
  readonly modules: readonly ServiceModule[];
  readonly targets: Table<Target>;
  /** By listener rule. */
  readonly rules: Table<Weights>;
  /** Listener rules that somebody deleted. */
  readonly deletedRules: Set<string>;
  readonly interfaces: Table<string>;
  readonly lines: { readonly stream: string; readonly message: string }[];
  readonly logGroups: Set<string>;
  readonly secrets: Map<string, string>;
  readonly parameters: Map<string, string>;
}

export interface NeighbourOptions {
  /** Seconds from registration to the first verdict. */
  readonly checkSeconds?: number;
  readonly deregistrationDelaySeconds?: number;
  /** Does the target answer its health check? */
  readonly answers: (address: string) => boolean;
}

export const targetGroupArn =
  'arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/web/0123456789abcdef';

export function neighbours(tables: Tables, options: NeighbourOptions): Neighbours {
  const targets = tables.table<Target>('elbv2.targets');
  const rules = tables.table<Weights>('elbv2.rules');
  const deletedRules = new Set<string>();
  const interfaces = tables.table<string>('ec2.interfaces');
  const lines: { stream: string; message: string }[] = [];
  const logGroups = new Set(['/app']);
  const secrets = new Map<string, string>();
  const parameters = new Map<string, string>();
  return {
    modules: [
      ec2Of(interfaces),
      elbv2Of(targets, { rules, deletedRules }, options),
      logsOf(logGroups, lines),
      secretsOf(secrets),
      parametersOf(parameters),
    ],
    targets,
    rules,
    deletedRules,
    interfaces,
    lines,
    logGroups,
    secrets,
    parameters,
  };
}

export const alternateTargetGroupArn = targetGroupArn.replace('/web/', '/alternate/');

const rulesPrefix = 'arn:aws:elasticloadbalancing:eu-central-1:000000000000:listener-rule/app/web/1/2';
export const productionRule = `${rulesPrefix}/production`;
export const testRule = `${rulesPrefix}/test`;

function op(
  accepts: readonly string[],
  handler: (ctx: Context, input: Record<string, never>) => unknown,
): ServiceModule['operations'][string] {
  return operation<Record<string, never>, unknown>({ accepts: accepts as never, handler });
}

function ec2Of(interfaces: Table<string>): ServiceModule {
  return {
    name: 'ec2',
    operations: {
      DescribeSubnets: op(['SubnetIds'], (_ctx, { SubnetIds }) => {
        const ids = SubnetIds as unknown as string[];
        const unknown = ids.find((id) => !/^subnet-[abc]$/.test(id));
        if (unknown) {
          throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${unknown}' does not exist`);
        }
        return {
          Subnets: ids.map((id) => ({
            SubnetId: id,
            AvailabilityZone: `eu-central-1${id.slice(-1)}`,
            VpcId: 'vpc-1',
          })),
        };
      }),
      DescribeSecurityGroups: op(['GroupIds'], () => ({})),
      CreateNetworkInterface: op(['SubnetId', 'Groups', 'Description'], () => {
        const { id: NetworkInterfaceId, ip } = freeInterface(interfaces);
        interfaces.put(NetworkInterfaceId, ip);
        return {
          NetworkInterface: {
            NetworkInterfaceId,
            PrivateIpAddress: ip,
            MacAddress: '02:00:00:00:00:01',
          },
        };
      }),
      DeleteNetworkInterface: op(['NetworkInterfaceId'], (_ctx, { NetworkInterfaceId }) => {
        interfaces.delete(NetworkInterfaceId as unknown as string);
        return {};
      }),
    },
  };
}

/** An address is used again once it is free. The search begins where one is likely, so that many cost little. */
function freeInterface(interfaces: Table<string>): { readonly id: string; readonly ip: string } {
  for (let i = 4 + interfaces.size; ; i += 1) {
    const id = `eni-${i.toString(16).padStart(17, '0')}`;
    if (interfaces.has(id)) continue;
    return { id, ip: `10.${Math.floor(i / 62500)}.${Math.floor(i / 250) % 250}.${i % 250}` };
  }
}

function healthOf(State: Target['state'] | 'unused'): object {
  if (State !== 'unhealthy') return { State };
  return {
    State,
    Reason: 'Target.ResponseCodeMismatch',
    Description: 'Health checks failed with these codes: [502]',
  };
}

function elbv2Of(
  targets: Table<Target>,
  { rules, deletedRules }: Pick<Neighbours, 'rules' | 'deletedRules'>,
  options: NeighbourOptions,
): ServiceModule {
  const { checkSeconds = 10, deregistrationDelaySeconds = 30, answers } = options;
  const keysOf = (input: Record<string, never>): { group: string; id: string; port: number; key: string }[] =>
    ((input['Targets'] ?? []) as unknown as { Id: string; Port: number }[]).map(({ Id, Port }) => {
      const group = input['TargetGroupArn'] as unknown as string;
      return { group, id: Id, port: Port, key: `${group} ${Id}:${Port}` };
    });
  return {
    name: 'elbv2',
    operations: {
      DescribeTargetGroups: op(['TargetGroupArns'], (_ctx, { TargetGroupArns }) => {
        const [arn] = TargetGroupArns as unknown as string[];
        if (arn !== targetGroupArn && arn !== alternateTargetGroupArn) {
          throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
        }
        return { TargetGroups: [{ TargetType: 'ip', LoadBalancerArns: ['lb'] }] };
      }),
      DescribeRules: op(['RuleArns'], (_ctx, { RuleArns }) => {
        const [arn = ''] = RuleArns as unknown as string[];
        if (deletedRules.has(arn) || (arn !== productionRule && arn !== testRule)) {
          throw new AwsError('RuleNotFound', 'One or more rules not found');
        }
        return { Rules: [{ RuleArn: arn, IsDefault: false }] };
      }),
      ModifyRule: op(['RuleArn', 'Actions'], (_ctx, input) => {
        const [action] = input['Actions'] as unknown as Action[];
        const groups = action?.ForwardConfig?.TargetGroups ?? [];
        rules.put(
          input['RuleArn'] as unknown as string,
          Object.fromEntries(groups.map(({ TargetGroupArn = '', Weight = 0 }) => [TargetGroupArn, Weight])),
        );
        return {};
      }),
      RegisterTargets: op(['TargetGroupArn', 'Targets'], (ctx, input) => {
        for (const { group, id, port, key } of keysOf(input)) {
          targets.put(key, { group, id, port, state: 'initial' });
          ctx.timers.drop(key);
          ctx.timers.set(key, 'check', after(ctx.now, checkSeconds));
        }
        return {};
      }),
      DeregisterTargets: op(['TargetGroupArn', 'Targets'], (ctx, input) => {
        for (const { key } of keysOf(input)) {
          const target = targets.get(key);
          if (!target) continue;
          targets.put(key, { ...target, state: 'draining' });
          ctx.timers.drop(key);
          ctx.timers.set(key, 'drained', after(ctx.now, deregistrationDelaySeconds));
        }
        return {};
      }),
      DescribeTargetHealth: op(['TargetGroupArn', 'Targets'], (_ctx, input) => ({
        TargetHealthDescriptions: keysOf(input).map(({ id, port, key }) => ({
          Target: { Id: id, Port: port },
          TargetHealth: healthOf(targets.get(key)?.state ?? 'unused'),
        })),
      })),
    },
    onTimer: (ctx, { subject, name }) => {
      const target = targets.get(subject);
      if (!target) return;
      if (name === 'drained') {
        targets.delete(subject);
        return;
      }
      const state = answers(target.id) ? 'healthy' : 'unhealthy';
      if (state !== target.state) targets.put(subject, { ...target, state });
      ctx.timers.set(subject, 'check', after(ctx.now, checkSeconds));
    },
  };
}

function logsOf(groups: Set<string>, lines: { stream: string; message: string }[]): ServiceModule {
  return {
    name: 'logs',
    operations: {
      CreateLogGroup: op(['logGroupName'], (_ctx, { logGroupName }) => {
        groups.add(logGroupName as unknown as string);
        return {};
      }),
      CreateLogStream: op(['logGroupName', 'logStreamName'], (_ctx, { logGroupName }) => {
        if (!groups.has(logGroupName as unknown as string)) {
          throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
        }
        return {};
      }),
      PutLogEvents: op(['logGroupName', 'logStreamName', 'logEvents'], (_ctx, input) => {
        const events = input['logEvents'] as unknown as { message: string }[];
        for (const { message } of events) {
          lines.push({ stream: input['logStreamName'] as unknown as string, message });
        }
        return {};
      }),
    },
  };
}

function secretsOf(secrets: ReadonlyMap<string, string>): ServiceModule {
  return {
    name: 'secretsmanager',
    operations: {
      GetSecretValue: op(['SecretId', 'VersionId', 'VersionStage'], (_ctx, { SecretId }) => {
        const SecretString = secrets.get(SecretId as unknown as string);
        if (SecretString === undefined) {
          throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
        }
        return { SecretString };
      }),
    },
  };
}

function parametersOf(parameters: ReadonlyMap<string, string>): ServiceModule {
  return {
    name: 'ssm',
    operations: {
      GetParameters: op(['Names', 'WithDecryption'], (_ctx, input) => {
        const names = input['Names'] as unknown as readonly string[];
        const found = names.filter((name) => parameters.has(name));
        return {
          Parameters: found.map((Name) => ({ Name, Value: parameters.get(Name) })),
          InvalidParameters: names.filter((name) => !parameters.has(name)),
        };
      }),
    },
  };
}
