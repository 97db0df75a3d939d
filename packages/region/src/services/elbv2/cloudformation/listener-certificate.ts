import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import type { Elbv2State } from '../state.ts';
import { certificateList } from './shapes.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenercertificate.html
export function listenerCertificateType(state: Elbv2State): ResourceType {
  /** Those of them that are there: what was taken away by hand is not taken away again. */
  const listed = (ListenerArn: string, arns: readonly string[]): readonly string[] => {
    const now = state.listeners.get(ListenerArn)?.tls?.certificateArns ?? [];
    return arns.filter((arn) => now.includes(arn));
  };
  return {
    name: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
    properties: { ListenerArn: replaces(required(text)), Certificates: required(certificateList) },

    create(ctx, properties) {
      const ListenerArn = String(properties['ListenerArn']);
      add(ctx, ListenerArn, arnsOf(properties));
      return { physicalId: ctx.generateName(128) };
    },

    update(ctx, { properties: before }, properties) {
      const ListenerArn = String(properties['ListenerArn']);
      const [had, wanted] = [arnsOf(before), arnsOf(properties)];
      add(ctx, ListenerArn, wanted);
      remove(
        ctx,
        ListenerArn,
        listed(ListenerArn, had).filter((arn) => !wanted.includes(arn)),
      );
    },

    delete(ctx, { properties }) {
      const ListenerArn = String(properties['ListenerArn']);
      remove(ctx, ListenerArn, listed(ListenerArn, arnsOf(properties)));
    },

    read(ctx, { properties }) {
      const ListenerArn = String(properties['ListenerArn']);
      const { Certificates = [] } = ctx.call('elbv2', 'describeListenerCertificates', { ListenerArn });
      const wanted = arnsOf(properties);
      const found = Certificates.filter(
        ({ CertificateArn = '', IsDefault }) => !IsDefault && wanted.includes(CertificateArn),
      );
      return { ListenerArn, Certificates: found.map(({ CertificateArn }) => ({ CertificateArn })) };
    },
  };
}

function arnsOf(properties: Properties): readonly string[] {
  return (properties['Certificates'] as readonly Elb.Certificate[]).map(
    ({ CertificateArn = '' }) => CertificateArn,
  );
}

function add(ctx: ResourceContext, ListenerArn: string, arns: readonly string[]): void {
  for (const CertificateArn of arns)
    ctx.call('elbv2', 'addListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
}

function remove(ctx: ResourceContext, ListenerArn: string, arns: readonly string[]): void {
  for (const CertificateArn of arns)
    ctx.call('elbv2', 'removeListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
}
