import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import { limitExceeded, operationNotPermitted, validationError } from '../errors.ts';
import { checkedCertificate } from '../listener-tls.ts';
import { page } from '../pages.ts';
import { configure } from '../routing-changes.ts';
import {
  type Elbv2State,
  type ListenerRecord,
  type ListenerTls,
  listenerOf,
  listenersOf,
  loadBalancerOf,
} from '../state.ts';

/** Confirmed by docs: per load balancer, default certificates not counted. */
const MAX_CERTIFICATES = 25;

/** Confirmed by docs: one certificate per call; one that is in the list already stays there once. */
export function addListenerCertificates(
  ctx: Context,
  state: Elbv2State,
  { ListenerArn, Certificates }: Elb.AddListenerCertificatesInput,
): Elb.AddListenerCertificatesOutput {
  const listener = listenerOf(state, ListenerArn);
  const tls = tlsOf(listener);
  const arn = checkedCertificate(state, Certificates);
  if (!tls.certificateArns.includes(arn)) {
    const all = listenersOf(state, listener.loadBalancerArn).flatMap((one) => one.tls?.certificateArns ?? []);
    if (new Set([...all, arn]).size > MAX_CERTIFICATES) {
      throw limitExceeded(
        'TooManyCertificates',
        `The limit of ${MAX_CERTIFICATES} certificates per load balancer has been reached`,
      );
    }
    change(ctx, state, listener, { ...tls, certificateArns: [...tls.certificateArns, arn] });
  }
  return { Certificates: [{ CertificateArn: arn, IsDefault: false }] };
}

export function removeListenerCertificates(
  ctx: Context,
  state: Elbv2State,
  { ListenerArn, Certificates = [] }: Elb.RemoveListenerCertificatesInput,
): Elb.RemoveListenerCertificatesOutput {
  const listener = listenerOf(state, ListenerArn);
  const tls = tlsOf(listener);
  const [certificate, second] = Certificates;
  if (!certificate || second) throw validationError('Exactly one certificate must be specified');
  const { CertificateArn: arn = '' } = certificate;
  const isListed = tls.certificateArns.includes(arn);
  // Confirmed by docs: the default certificate is replaced by ModifyListener, and cannot be removed.
  if (!isListed && arn === tls.defaultCertificateArn)
    throw operationNotPermitted(`Default certificate '${arn}' cannot be removed`);
  if (isListed)
    change(ctx, state, listener, {
      ...tls,
      certificateArns: tls.certificateArns.filter((listed) => listed !== arn),
    });
  return {};
}

/** Confirmed by docs: a default certificate that is also in the list is told twice. */
export function describeListenerCertificates(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeListenerCertificatesInput,
): Elb.DescribeListenerCertificatesOutput {
  const { tls } = listenerOf(state, input.ListenerArn);
  const all = tls
    ? [
        { CertificateArn: tls.defaultCertificateArn, IsDefault: true },
        ...tls.certificateArns.map((CertificateArn) => ({ CertificateArn, IsDefault: false })),
      ]
    : [];
  const { items, NextMarker } = page(all, input, (one) => `${one.CertificateArn} ${one.IsDefault}`);
  return { Certificates: [...items], ...(NextMarker && { NextMarker }) };
}

function tlsOf({ tls }: ListenerRecord): ListenerTls {
  if (!tls) throw validationError('Only HTTPS listeners have certificates');
  return tls;
}

function change(ctx: Context, state: Elbv2State, listener: ListenerRecord, tls: ListenerTls): void {
  state.listeners.put(listener.arn, { ...listener, tls });
  configure(ctx, state, loadBalancerOf(state, listener.loadBalancerArn));
}
