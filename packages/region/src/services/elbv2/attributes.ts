/**
 * Attributes of load balancers, target groups and listeners: their defaults, what each may be, and what this region does
 * not model. A value that would change what happens and is not modelled is refused by name.
 */
import { notModelled } from '../../kernel/aws-error.ts';
import { validationError } from './errors.ts';
import type { Attributes } from './state.ts';

interface AttributeRule {
  readonly default: string;
  readonly allowed: RegExp | { readonly from: number; readonly to: number };
  /** Allowed on AWS, but only these values are modelled. */
  readonly modelled?: RegExp;
}

type AttributeRules = Readonly<Record<string, AttributeRule>>;

const FLAG = /^(true|false)$/;
const OFF = /^false$/;
const ANY = /^/;
const EMPTY = /^$/;
/** Confirmed by docs: the balancer's own names are reserved. A cookie name is a token (RFC 6265, 4.1.1). */
const COOKIE_NAME = /^(?!AWSALB)[A-Za-z0-9!#$%&'*+\-.^_`|~]*$/;

function flag(value: 'true' | 'false', modelled?: RegExp): AttributeRule {
  return { default: value, allowed: FLAG, ...(modelled && { modelled }) };
}

// Confirmed by docs: names, defaults, ranges.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
export const loadBalancerAttributes: AttributeRules = {
  'access_logs.s3.enabled': flag('false'),
  'access_logs.s3.bucket': { default: '', allowed: ANY },
  'access_logs.s3.prefix': { default: '', allowed: ANY },
  'idle_timeout.timeout_seconds': { default: '60', allowed: { from: 1, to: 4000 } },
  'deletion_protection.enabled': flag('false'),
  'routing.http2.enabled': flag('true'),
  'routing.http.drop_invalid_header_fields.enabled': flag('false'),
  'routing.http.xff_client_port.enabled': flag('false'),
  'routing.http.preserve_host_header.enabled': flag('false'),
  'routing.http.xff_header_processing.mode': { default: 'append', allowed: /^(append|preserve|remove)$/ },
  'load_balancing.cross_zone.enabled': flag('true', /^true$/),
  'routing.http.desync_mitigation_mode': { default: 'defensive', allowed: /^(monitor|defensive|strictest)$/ },
  'client_keep_alive.seconds': { default: '3600', allowed: { from: 60, to: 604800 } },
  'waf.fail_open.enabled': flag('false'),
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': flag('false'),
  'zonal_shift.config.enabled': flag('false', OFF),
  'connection_logs.s3.enabled': flag('false', OFF),
  'connection_logs.s3.bucket': { default: '', allowed: ANY },
  'connection_logs.s3.prefix': { default: '', allowed: ANY },
  'health_check_logs.s3.enabled': flag('false', OFF),
  'health_check_logs.s3.bucket': { default: '', allowed: ANY },
  'health_check_logs.s3.prefix': { default: '', allowed: ANY },
  'ipv6.deny_all_igw_traffic': flag('false'),
};

const percentage: AttributeRule = { default: 'off', allowed: /^(off|[1-9]\d?|100)$/ };

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
export const targetGroupAttributes: AttributeRules = {
  'stickiness.enabled': flag('false'),
  'deregistration_delay.timeout_seconds': { default: '300', allowed: { from: 0, to: 3600 } },
  'stickiness.type': { default: 'lb_cookie', allowed: /^(lb_cookie|app_cookie)$/ },
  'stickiness.lb_cookie.duration_seconds': { default: '86400', allowed: { from: 1, to: 604800 } },
  'stickiness.app_cookie.cookie_name': { default: '', allowed: COOKIE_NAME },
  'stickiness.app_cookie.duration_seconds': { default: '86400', allowed: { from: 1, to: 604800 } },
  'slow_start.duration_seconds': { default: '0', allowed: /^(0|[3-9]\d|[1-8]\d\d|900)$/ },
  'load_balancing.algorithm.type': {
    default: 'round_robin',
    allowed: /^(round_robin|least_outstanding_requests|weighted_random)$/,
  },
  'load_balancing.algorithm.anomaly_mitigation': { default: 'off', allowed: /^(on|off)$/, modelled: /^off$/ },
  'load_balancing.cross_zone.enabled': {
    default: 'use_load_balancer_configuration',
    allowed: /^(true|false|use_load_balancer_configuration)$/,
    modelled: /^(true|use_load_balancer_configuration)$/,
  },
  'target_group_health.dns_failover.minimum_healthy_targets.count': {
    default: '1',
    allowed: /^(off|[1-9]\d*)$/,
  },
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': percentage,
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': {
    default: '1',
    allowed: /^[1-9]\d*$/,
  },
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': percentage,
};

const responseHeader: AttributeRule = { default: '', allowed: ANY, modelled: EMPTY };

export const listenerAttributes: AttributeRules = {
  'routing.http.response.server.enabled': flag('true'),
  'routing.http.response.strict_transport_security.header_value': responseHeader,
  'routing.http.response.access_control_allow_origin.header_value': responseHeader,
  'routing.http.response.access_control_allow_methods.header_value': responseHeader,
  'routing.http.response.access_control_allow_headers.header_value': responseHeader,
  'routing.http.response.access_control_allow_credentials.header_value': responseHeader,
  'routing.http.response.access_control_expose_headers.header_value': responseHeader,
  'routing.http.response.access_control_max_age.header_value': responseHeader,
  'routing.http.response.content_security_policy.header_value': responseHeader,
  'routing.http.response.x_content_type_options.header_value': responseHeader,
  'routing.http.response.x_frame_options.header_value': responseHeader,
};

/** Checks and adds what an API request sets. */
export function changedAttributes(
  kind: 'Load balancer' | 'Target group' | 'Listener',
  rules: AttributeRules,
  before: Attributes,
  given: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[],
): Attributes {
  const changed: Record<string, string> = { ...before };
  for (const { Key: key = '', Value: value = '' } of given) {
    const rule = rules[key];
    if (!rule) throw validationError(`${kind} attribute key '${key}' is not recognized`);
    if (!isAllowed(rule, value))
      throw validationError(`${kind} attribute value '${value}' for key '${key}' is not valid`);
    if (rule.modelled && !rule.modelled.test(value))
      throw notModelled(`elbv2: attribute ${key} = ${value}`, 'elbv2');
    changed[key] = value;
  }
  return changed;
}

export function attributeOf(rules: AttributeRules, set: Attributes, key: string): string {
  return set[key] ?? rules[key]?.default ?? '';
}

/** All attributes with their values, as the API lists them. */
export function listAttributes(rules: AttributeRules, set: Attributes): { Key: string; Value: string }[] {
  return Object.entries(rules).map(([Key, rule]) => ({ Key, Value: set[Key] ?? rule.default }));
}

function isAllowed({ allowed }: AttributeRule, value: string): boolean {
  if (allowed instanceof RegExp) return allowed.test(value);
  return /^\d+$/.test(value) && Number(value) >= allowed.from && Number(value) <= allowed.to;
}
