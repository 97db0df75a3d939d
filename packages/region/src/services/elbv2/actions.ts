/** Checks of the actions of listeners and rules, and the one form in which they are kept. */
import type {
  Action,
  RedirectActionConfig,
  TargetGroupStickinessConfig,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../kernel/aws-error.ts';
import {
  groupStickinessRequired,
  invalidConfiguration,
  invalidLoadBalancerAction,
  targetGroupOfOtherLoadBalancer,
  validationError,
} from './errors.ts';
import { forwardedGroups } from './routing-index.ts';
import { type Elbv2State, type ListenerRecord, loadBalancersUsing, targetGroupOf } from './state.ts';

/** Confirmed by docs: exactly one of forward, redirect, fixed-response, as the last action. */
export function checkedActions(
  state: Elbv2State,
  listener: Pick<ListenerRecord, 'loadBalancerArn' | 'tls'>,
  given: readonly Action[] | undefined,
): readonly Action[] {
  const actions = [...(given ?? [])].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0));
  if (actions.length === 0) throw validationError('At least one action must be specified');
  for (const { Type } of actions) {
    if (Type === 'authenticate-oidc' || Type === 'authenticate-cognito' || Type === 'jwt-validation') {
      throw notModelled(`elbv2: action ${Type}`, 'elbv2');
    }
  }
  const [action, second] = actions;
  if (!action || second) {
    throw invalidConfiguration(
      'Exactly one action of type forward, redirect or fixed-response must be specified',
    );
  }
  const checked = checkedAction(action);
  // Confirmed by docs: from HTTPS one cannot redirect to HTTP.
  if (listener.tls && checked.RedirectConfig?.Protocol === 'HTTP')
    throw invalidLoadBalancerAction('An HTTPS listener cannot redirect to HTTP');
  for (const arn of forwardedGroups([checked])) checkGroup(state, listener, arn);
  if (lacksGroupStickiness(state, checked)) throw groupStickinessRequired();
  return [checked];
}

function checkedAction(action: Action): Action {
  switch (action.Type) {
    case 'forward':
      return checkedForward(action);
    case 'redirect':
      checkRedirect(action.RedirectConfig);
      return action;
    case 'fixed-response':
      checkFixedResponse(action);
      return action;
    default:
      throw validationError(`'${action.Type}' is not a valid action type`);
  }
}

function checkedForward(action: Action): Action {
  const { TargetGroupArn, ForwardConfig, Order } = action;
  const groups = ForwardConfig?.TargetGroups ?? (TargetGroupArn === undefined ? [] : [{ TargetGroupArn }]);
  if (groups.length === 0) throw validationError('A target group ARN must be specified');
  if (groups.length > 5) {
    throw validationError('The maximum number of target groups per action is 5');
  }
  const weighted = groups.map(({ TargetGroupArn: arn, Weight = 1 }) => ({ TargetGroupArn: arn, Weight }));
  for (const { Weight } of weighted) {
    if (Weight < 0 || Weight > 999) throw validationError(`The weight '${Weight}' must be between 0 and 999`);
  }
  const [only] = weighted;
  return {
    Type: 'forward',
    ...(weighted.length === 1 && { TargetGroupArn: only?.TargetGroupArn }),
    ...(Order !== undefined && { Order }),
    ForwardConfig: {
      TargetGroups: weighted,
      TargetGroupStickinessConfig: checkedStickiness(ForwardConfig?.TargetGroupStickinessConfig),
    },
  };
}

/** Confirmed by docs: 1 to 604800 s (7 days), to be given when it is enabled. */
function checkedStickiness(given: TargetGroupStickinessConfig | undefined): TargetGroupStickinessConfig {
  const { Enabled = false, DurationSeconds } = given ?? {};
  if (Enabled && DurationSeconds === undefined) {
    throw validationError('A duration must be specified when target group stickiness is enabled');
  }
  if (
    DurationSeconds !== undefined &&
    !(Number.isInteger(DurationSeconds) && DurationSeconds >= 1 && DurationSeconds <= 604800)
  ) {
    throw validationError(
      `The target group stickiness duration '${DurationSeconds}' must be between 1 and 604800 inclusive`,
    );
  }
  return { Enabled, ...(DurationSeconds !== undefined && { DurationSeconds }) };
}

/** Confirmed by docs: an action with several groups needs group stickiness when one of them has target stickiness. */
export function lacksGroupStickiness(state: Elbv2State, { ForwardConfig }: Action): boolean {
  const { TargetGroups = [], TargetGroupStickinessConfig } = ForwardConfig ?? {};
  if (TargetGroups.length < 2 || TargetGroupStickinessConfig?.Enabled) return false;
  return TargetGroups.some(
    ({ TargetGroupArn = '' }) =>
      state.targetGroups.get(TargetGroupArn)?.attributes['stickiness.enabled'] === 'true',
  );
}

function checkGroup(
  state: Elbv2State,
  { loadBalancerArn, tls }: Pick<ListenerRecord, 'loadBalancerArn' | 'tls'>,
  arn: string,
): void {
  const { protocolVersion } = targetGroupOf(state, arn);
  // Confirmed by docs: target groups of HTTP/2 and gRPC need a listener of HTTPS. Known: the text.
  if (protocolVersion && !tls) {
    throw invalidLoadBalancerAction(
      `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${protocolVersion}'`,
    );
  }
  // Confirmed by docs: a target group belongs to one load balancer.
  if (loadBalancersUsing(state, arn).some((user) => user.arn !== loadBalancerArn))
    throw targetGroupOfOtherLoadBalancer(arn);
}

function checkRedirect(redirect: RedirectActionConfig | undefined): void {
  if (!redirect) throw validationError('A redirect action must have a RedirectConfig');
  const { Protocol, Host, Port, Path, StatusCode } = redirect;
  if (StatusCode !== 'HTTP_301' && StatusCode !== 'HTTP_302') {
    throw validationError(`'${StatusCode}' is not a valid redirect status code`);
  }
  if (Protocol !== undefined && !/^(HTTP|HTTPS|#\{protocol\})$/.test(Protocol)) {
    throw validationError(`'${Protocol}' is not a valid redirect protocol`);
  }
  const parts = [Host, Port, Path, redirect.Query];
  // Confirmed by docs: at most 128 characters each; what would break the Location header is none of them.
  const bad = parts.find((part) => part !== undefined && !/^[\x20-\x7e]{0,128}$/.test(part));
  if (bad !== undefined) throw validationError(`The redirect value '${bad}' is not valid`);
  if (Path !== undefined && !Path.startsWith('/'))
    throw validationError(`The redirect path '${Path}' must begin with '/'`);
  if (Port !== undefined && Port !== '#{port}' && !isPort(Port)) {
    throw validationError(`The redirect port '${Port}' must be between 1 and 65535 or '#{port}'`);
  }
  const changes = [
    [Protocol, '#{protocol}'],
    [Host, '#{host}'],
    [Port, '#{port}'],
    [Path, '/#{path}'],
  ].some(([value, unchanged]) => value !== undefined && value !== unchanged);
  // Confirmed by docs: otherwise the redirect would loop.
  if (!changes) {
    throw invalidConfiguration('A redirect action must change at least one of protocol, host, port or path');
  }
}

function checkFixedResponse({ FixedResponseConfig: fixed }: Action): void {
  if (!fixed) throw validationError('A fixed-response action must have a FixedResponseConfig');
  if (!/^[245]\d\d$/.test(fixed.StatusCode ?? '')) {
    throw validationError(`The status code '${fixed.StatusCode}' must be 2XX, 4XX or 5XX`);
  }
  if ((fixed.MessageBody ?? '').length > 1024) {
    throw validationError('The message body of a fixed response cannot be longer than 1024 characters');
  }
  const types = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];
  if (fixed.ContentType !== undefined && !types.includes(fixed.ContentType)) {
    throw validationError(
      `'${fixed.ContentType}' is not a valid content type; use one of ${types.join(', ')}`,
    );
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}
