import type {
  Action,
  AvailabilityZone,
  RuleCondition,
  RuleTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { type ServingCertificate, servingCertificate } from '../acm/views.ts';
import { listenerNotFound, loadBalancerNotFound, ruleNotFound, targetGroupNotFound } from './errors.ts';
import { GroupIndex } from './group-index.ts';
import { forwardedGroups, RoutingIndex } from './routing-index.ts';
import type { TargetStatus } from './target-health.ts';

export type Tags = Readonly<Record<string, string>>;
export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancerRecord {
  readonly arn: string;
  readonly name: string;
  /** The 16 digits at the end of the ARN. */
  readonly id: string;
  readonly dnsName: string;
  readonly canonicalHostedZoneId: string;
  readonly createdTime: Instant;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  readonly state: { readonly code: 'provisioning' | 'active' | 'failed'; readonly reason?: string };
  readonly availabilityZones: readonly AvailabilityZone[];
  readonly securityGroups: readonly string[];
  /** Only what was set; the defaults are in `attributes.ts`. */
  readonly attributes: Attributes;
  readonly tags: Tags;
}

export interface HealthCheck {
  readonly enabled: boolean;
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  /** `200`, `200,302`, `200-299`; of gRPC `12`, `0,12`, `0-99`. */
  readonly matcher: string;
}

/** What targets speak, when not HTTP/1.1. */
export type Http2Version = 'HTTP2' | 'GRPC';

export interface TargetGroupRecord {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly port: number;
  /** Absent: HTTP1. */
  readonly protocolVersion?: Http2Version;
  readonly vpcId: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags;
}

/** What makes a listener one of HTTPS. */
export interface ListenerTls {
  readonly sslPolicy: string;
  readonly defaultCertificateArn: string;
  /** Further certificates, chosen by the name that the client asks for. */
  readonly certificateArns: readonly string[];
}

export interface ListenerRecord {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  /** Absent: HTTP. */
  readonly tls?: ListenerTls;
  readonly defaultRuleArn: string;
  readonly defaultActions: readonly Action[];
  readonly attributes: Attributes;
  readonly tags: Tags;
  /** Where the plane bound it. */
  readonly local?:
    | { readonly kind: 'listening'; readonly host: string; readonly port: number }
    | { readonly kind: 'failed'; readonly reason: string };
}

export interface RuleRecord {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
  readonly transforms?: readonly RuleTransform[];
  readonly tags: Tags;
}

export interface TargetRecord {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
  /** Undefined when its address is in no subnet of the group's VPC. */
  readonly availabilityZone?: string;
  readonly status: TargetStatus;
  /** When its status last became `initial`, or it was registered. */
  readonly initialSince: Instant;
  /** It was registered into an empty group. */
  readonly isFirst?: true;
  /** When it became healthy, while its share of the requests still grows. */
  readonly slowStartSince?: Instant;
  /** Changes with each registration, so that an outcome for an earlier one is dropped. */
  readonly registration: string;
}

/** A target that is checked at the regular moments of a round. */
export interface CheckRecord {
  /** Of the target. */
  readonly key: string;
  readonly round: string;
  /** The first of them. */
  readonly from: Instant;
}

/** What the balancers of the region encrypt cookies with. */
export interface CookieKeyRecord {
  /** 32 hexadecimal digits. */
  readonly key: string;
}

/** Lines of an access log that are in no file yet. */
export interface AccessLogLinesRecord {
  readonly loadBalancerArn: string;
  readonly text: string;
}

/** A file on its way to S3. */
export interface AccessLogFileRecord {
  readonly bucket: string;
  readonly key: string;
  readonly text: string;
  readonly form: 'plain' | 'gzip';
}

export interface Elbv2State {
  /** How many load balancers the account may have. */
  readonly loadBalancerQuota: number;
  readonly cookieKeys: Table<CookieKeyRecord>;
  readonly loadBalancers: Table<LoadBalancerRecord>;
  readonly targetGroups: Table<TargetGroupRecord>;
  readonly listeners: Table<ListenerRecord>;
  readonly rules: Table<RuleRecord>;
  readonly routing: RoutingIndex<LoadBalancerRecord, ListenerRecord, RuleRecord>;
  readonly targets: Table<TargetRecord>;
  readonly targetIndex: GroupIndex<TargetRecord>;
  /** Not stored: health starts anew with the region. */
  readonly checks: Table<CheckRecord>;
  readonly checkIndex: GroupIndex<CheckRecord>;
  readonly accessLogLines: Table<AccessLogLinesRecord>;
  readonly accessLogFiles: Table<AccessLogFileRecord>;
  /** Of ACM. Undefined: there is none. */
  servingCertificate(arn: string): ServingCertificate | undefined;
}

export function openElbv2(tables: Tables, loadBalancerQuota = 50): Elbv2State {
  const targets = tables.table<TargetRecord>('elbv2.targets');
  const checks = tables.passing<CheckRecord>('elbv2.checks');
  const loadBalancers = tables.table<LoadBalancerRecord>('elbv2.loadBalancers');
  const listeners = tables.table<ListenerRecord>('elbv2.listeners');
  const rules = tables.table<RuleRecord>('elbv2.rules');
  return {
    loadBalancerQuota,
    cookieKeys: tables.table('elbv2.cookieKeys'),
    loadBalancers,
    targetGroups: tables.table('elbv2.targetGroups'),
    listeners,
    rules,
    routing: new RoutingIndex({ loadBalancers, listeners, rules }),
    targets,
    targetIndex: new GroupIndex(tables, targets, ({ targetGroupArn }) => targetGroupArn),
    checks,
    checkIndex: new GroupIndex(tables, checks, ({ round }) => round),
    accessLogLines: tables.table('elbv2.accessLogLines'),
    accessLogFiles: tables.table('elbv2.accessLogFiles'),
    servingCertificate: (arn) => servingCertificate(tables, arn),
  };
}

const COOKIE_KEY = 'stickiness';

export function cookieKeyOf(state: Elbv2State): string {
  return state.cookieKeys.get(COOKIE_KEY)?.key ?? '';
}

/** Draws the key when the region first starts. It is kept, so that sessions outlive a restart. */
export function drawCookieKey({ secrets }: Context, state: Elbv2State): void {
  if (!state.cookieKeys.has(COOKIE_KEY))
    state.cookieKeys.put(COOKIE_KEY, { key: secrets.text(32, '0123456789abcdef') });
}

export function loadBalancerOf(state: Elbv2State, arn: string | undefined): LoadBalancerRecord {
  const found = state.loadBalancers.get(arn ?? '');
  if (!found) throw loadBalancerNotFound();
  return found;
}

export function targetGroupOf(state: Elbv2State, arn: string | undefined): TargetGroupRecord {
  const found = state.targetGroups.get(arn ?? '');
  if (!found) throw targetGroupNotFound();
  return found;
}

export function listenerOf(state: Elbv2State, arn: string | undefined): ListenerRecord {
  const found = state.listeners.get(arn ?? '');
  if (!found) throw listenerNotFound();
  return found;
}

export function ruleOf(state: Elbv2State, arn: string | undefined): RuleRecord {
  const found = state.rules.get(arn ?? '');
  if (!found) throw ruleNotFound();
  return found;
}

export function targetKey(targetGroupArn: string, id: string, port: number): string {
  return `${targetGroupArn} ${id}:${port}`;
}

export function targetsOf(state: Elbv2State, targetGroupArn: string): TargetRecord[] {
  return state.targetIndex.of(targetGroupArn);
}

export function listenersOf(state: Elbv2State, loadBalancerArn: string): readonly ListenerRecord[] {
  return state.routing.listenersOf(loadBalancerArn);
}

/** All certificates of a listener, the default one first. */
export function certificatesOf({ tls }: ListenerRecord): readonly string[] {
  return tls ? [tls.defaultCertificateArn, ...tls.certificateArns] : [];
}

/** In the order of their priority, without the default rule. */
export function rulesOf(state: Elbv2State, listenerArn: string): readonly RuleRecord[] {
  return state.routing.rulesOf(listenerArn);
}

/** The actions of all listeners and rules that forward to a target group. */
export function actionsTo(state: Elbv2State, targetGroupArn: string): Action[] {
  return [
    ...[...state.listeners.values()].flatMap(({ defaultActions }) => defaultActions),
    ...[...state.rules.values()].flatMap(({ actions }) => actions),
  ].filter((action) => forwardedGroups([action]).includes(targetGroupArn));
}

/** The target groups that a load balancer's listeners and rules name, each once. */
export function groupsUsedBy(state: Elbv2State, loadBalancerArn: string): readonly string[] {
  return state.routing.groupsOf(loadBalancerArn);
}

/** The load balancers that use a target group. AWS allows one. */
export function loadBalancersUsing(state: Elbv2State, targetGroupArn: string): readonly LoadBalancerRecord[] {
  return state.routing.usersOf(targetGroupArn);
}
