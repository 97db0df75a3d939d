/** What the plane is told: one load balancer's listeners, rules and targets, read from the state. */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Instant } from '../../kernel/instant.ts';
import { accessLogDestination } from './access-logs.ts';
import {
  attributeOf,
  listenerAttributes,
  loadBalancerAttributes,
  targetGroupAttributes,
} from './attributes.ts';
import type {
  ListenerConfiguration,
  LoadBalancerConfiguration,
  RoutingAttributes,
  RuleActionConfiguration,
  RuleConditionConfiguration,
  StickinessConfiguration,
  TargetConfiguration,
  TargetGroupConfiguration,
  TlsCertificate,
  TlsConfiguration,
  TransformConfiguration,
} from './ports.ts';
import { slowStartShare } from './slow-start.ts';
import { securityPolicyOf } from './ssl-policies.ts';
import {
  type Attributes,
  cookieKeyOf,
  type Elbv2State,
  groupsUsedBy,
  type ListenerRecord,
  type ListenerTls,
  type LoadBalancerRecord,
  listenersOf,
  rulesOf,
  type TargetRecord,
  targetsOf,
} from './state.ts';
import { rewritesOf } from './transforms.ts';

export function configurationOf(
  state: Elbv2State,
  loadBalancer: LoadBalancerRecord,
  now: Instant,
): LoadBalancerConfiguration {
  const { arn, dnsName, attributes } = loadBalancer;
  return {
    loadBalancerArn: arn,
    dnsName,
    cookieKey: cookieKeyOf(state),
    attributes: routingAttributes(attributes),
    ...(accessLogDestination(loadBalancer) && { logsRequests: true as const }),
    listeners: listenersOf(state, arn).map((listener) => listenerConfiguration(state, listener)),
    targetGroups: groupsUsedBy(state, arn).map((groupArn) => groupConfiguration(state, groupArn, now)),
  };
}

function routingAttributes(attributes: Attributes): RoutingAttributes {
  const value = (key: string): string => attributeOf(loadBalancerAttributes, attributes, key);
  const isOn = (key: string): boolean => value(key) === 'true';
  return {
    idleTimeoutSeconds: Number(value('idle_timeout.timeout_seconds')),
    clientKeepAliveSeconds: Number(value('client_keep_alive.seconds')),
    desyncMitigationMode: value(
      'routing.http.desync_mitigation_mode',
    ) as RoutingAttributes['desyncMitigationMode'],
    dropInvalidHeaderFields: isOn('routing.http.drop_invalid_header_fields.enabled'),
    preserveHostHeader: isOn('routing.http.preserve_host_header.enabled'),
    xffHeaderProcessing: value(
      'routing.http.xff_header_processing.mode',
    ) as RoutingAttributes['xffHeaderProcessing'],
    xffClientPort: isOn('routing.http.xff_client_port.enabled'),
    http2: isOn('routing.http2.enabled'),
    tlsHeaders: isOn('routing.http.x_amzn_tls_version_and_cipher_suite.enabled'),
  };
}

function listenerConfiguration(state: Elbv2State, listener: ListenerRecord): ListenerConfiguration {
  const { arn: listenerArn, port, local, attributes, defaultActions } = listener;
  return {
    listenerArn,
    port,
    ...(local?.kind === 'listening' && { preferredLocalPort: local.port }),
    ...(listener.tls && tlsConfiguration(state, listener.tls)),
    serverHeader:
      attributeOf(listenerAttributes, attributes, 'routing.http.response.server.enabled') === 'true',
    rules: [
      ...rulesOf(state, listenerArn).map(({ priority, conditions, actions, transforms }) => ({
        priority,
        conditions: conditions.map(conditionConfiguration),
        action: actionConfiguration(actions),
        ...(transforms && transforms.length > 0 && { transforms: transforms.map(transformConfiguration) }),
      })),
      { priority: 0, conditions: [], action: actionConfiguration(defaultActions) },
    ],
  };
}

/** Certificates that are in use are not deleted: they are there. */
function tlsConfiguration(state: Elbv2State, tls: ListenerTls): { readonly tls: TlsConfiguration } {
  const { protocols, ciphers } = securityPolicyOf(tls.sslPolicy);
  const certificateOf = (arn: string): TlsCertificate[] => {
    const found = state.servingCertificate(arn);
    if (!found) return [];
    const { certificateArn, certificate, privateKey, facts } = found;
    const names = [...new Set([facts.domainName, ...facts.subjectAlternativeNames])];
    const { keyAlgorithm, signatureAlgorithm, notBefore, notAfter } = facts;
    return [
      {
        certificateArn,
        certificate,
        privateKey,
        names,
        keyAlgorithm,
        signatureAlgorithm,
        notBefore,
        notAfter,
      },
    ];
  };
  const [defaultCertificate] = certificateOf(tls.defaultCertificateArn);
  if (!defaultCertificate)
    throw new Error(`the certificate ${tls.defaultCertificateArn} of a listener is gone`);
  return {
    tls: {
      minVersion: protocols.at(-1) ?? 'TLSv1.2',
      maxVersion: protocols[0] === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
      ciphers,
      defaultCertificate,
      certificates: tls.certificateArns.flatMap(certificateOf),
    },
  };
}

/** Actions were checked when they were set: the last one decides. */
function actionConfiguration(actions: readonly Action[]): RuleActionConfiguration {
  const action = actions.at(-1);
  const redirect = action?.RedirectConfig;
  if (redirect) {
    return {
      kind: 'redirect',
      statusCode: redirect.StatusCode === 'HTTP_301' ? 301 : 302,
      protocol: redirect.Protocol ?? '#{protocol}',
      host: redirect.Host ?? '#{host}',
      port: redirect.Port ?? '#{port}',
      path: redirect.Path ?? '/#{path}',
      query: redirect.Query ?? '#{query}',
    };
  }
  const fixed = action?.FixedResponseConfig;
  if (fixed) {
    return {
      kind: 'fixed-response',
      statusCode: Number(fixed.StatusCode),
      contentType: fixed.ContentType ?? 'text/plain',
      messageBody: fixed.MessageBody ?? '',
    };
  }
  const groups = action?.ForwardConfig?.TargetGroups ?? [
    { TargetGroupArn: action?.TargetGroupArn, Weight: 1 },
  ];
  const sticky = action?.ForwardConfig?.TargetGroupStickinessConfig;
  return {
    kind: 'forward',
    ...(sticky?.Enabled && { stickinessSeconds: sticky.DurationSeconds ?? 0 }),
    targetGroups: groups.map(({ TargetGroupArn = '', Weight = 1 }) => ({
      targetGroupArn: TargetGroupArn,
      weight: Weight,
    })),
  };
}

function transformConfiguration(transform: RuleTransform): TransformConfiguration {
  const [{ Regex: regex = '', Replace: replace = '' } = {}] = rewritesOf(transform);
  const type = transform.Type === 'host-header-rewrite' ? transform.Type : 'url-rewrite';
  return { type, regex, replace };
}

function conditionConfiguration(condition: RuleCondition): RuleConditionConfiguration {
  switch (condition.Field) {
    case 'http-header': {
      const { HttpHeaderName: name = '', Values, RegexValues } = condition.HttpHeaderConfig ?? {};
      return {
        field: 'http-header',
        name,
        values: RegexValues ?? Values ?? [],
        regex: RegexValues !== undefined,
      };
    }
    case 'http-request-method':
      return { field: 'http-request-method', values: condition.HttpRequestMethodConfig?.Values ?? [] };
    case 'source-ip':
      return { field: 'source-ip', values: condition.SourceIpConfig?.Values ?? [] };
    case 'query-string':
      return {
        field: 'query-string',
        values: (condition.QueryStringConfig?.Values ?? []).map(({ Key, Value = '' }) => ({
          ...(Key !== undefined && { key: Key }),
          value: Value,
        })),
      };
    default: {
      const field = condition.Field === 'host-header' ? 'host-header' : 'path-pattern';
      const config = field === 'host-header' ? condition.HostHeaderConfig : condition.PathPatternConfig;
      const regex = config?.RegexValues ?? condition.RegexValues;
      return { field, values: regex ?? config?.Values ?? condition.Values ?? [], regex: regex !== undefined };
    }
  }
}

function groupConfiguration(
  state: Elbv2State,
  targetGroupArn: string,
  now: Instant,
): TargetGroupConfiguration {
  const { attributes = {}, protocolVersion } = state.targetGroups.get(targetGroupArn) ?? {};
  const value = (key: string): string => attributeOf(targetGroupAttributes, attributes, key);
  const stickiness = stickinessOf(attributes);
  return {
    targetGroupArn,
    ...(protocolVersion && { protocolVersion }),
    algorithm: value('load_balancing.algorithm.type') as TargetGroupConfiguration['algorithm'],
    ...(stickiness && { stickiness }),
    minimumHealthyTargets: minimumHealthyTargets(value),
    targets: targetsOf(state, targetGroupArn).flatMap((target) =>
      targetConfiguration(target, Number(value('slow_start.duration_seconds')), now),
    ),
  };
}

function stickinessOf(attributes: Attributes): StickinessConfiguration | undefined {
  const value = (key: string): string => attributeOf(targetGroupAttributes, attributes, `stickiness.${key}`);
  if (value('enabled') !== 'true') return undefined;
  if (value('type') === 'lb_cookie')
    return { type: 'lb_cookie', durationSeconds: Number(value('lb_cookie.duration_seconds')) };
  return {
    type: 'app_cookie',
    durationSeconds: Number(value('app_cookie.duration_seconds')),
    cookieName: value('app_cookie.cookie_name'),
  };
}

function minimumHealthyTargets(value: (key: string) => string): { count: number; percentage?: number } {
  const [count, percentage] = ['count', 'percentage'].map((unit) =>
    Number(value(`target_group_health.unhealthy_state_routing.minimum_healthy_targets.${unit}`)),
  );
  return { count: count ?? 1, ...(percentage !== undefined && percentage > 0 && { percentage }) };
}

function targetConfiguration(
  { id: ip, port, status: { state }, slowStartSince }: TargetRecord,
  slowStartSeconds: number,
  now: Instant,
): TargetConfiguration[] {
  if (state === 'unused') return [];
  const share = slowStartSince === undefined ? 1 : slowStartShare(slowStartSince, slowStartSeconds, now);
  return [{ ip, port, status: state, ...(share < 1 && { share }) }];
}
