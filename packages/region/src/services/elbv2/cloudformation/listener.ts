import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  flag,
  integer,
  listOf,
  object,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  stable,
  text,
} from '../../../kernel/resource-type.ts';
import type { Elbv2State } from '../state.ts';
import { actionList, attributeList, certificateList, givenAttributes } from './shapes.ts';

interface ListenerProperties extends Elb.CreateListenerInput {
  readonly ListenerAttributes?: Elb.ListenerAttribute[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listener.html
export function listenerType(state: Elbv2State): ResourceType {
  return {
    name: 'AWS::ElasticLoadBalancingV2::Listener',
    properties: {
      LoadBalancerArn: replaces(required(text)),
      Port: integer,
      Protocol: text,
      DefaultActions: required(actionList),
      Certificates: certificateList,
      SslPolicy: text,
      AlpnPolicy: listOf(text),
      MutualAuthentication: object({
        Mode: text,
        TrustStoreArn: text,
        IgnoreClientCertificateExpiry: flag,
        AdvertiseTrustStoreCaNames: text,
      }),
      ListenerAttributes: attributeList,
    },

    create(ctx, properties) {
      const { ListenerAttributes, ...input } = properties as unknown as ListenerProperties;
      const { Listeners = [] } = ctx.call('elbv2', 'createListener', input);
      const physicalId = Listeners[0]?.ListenerArn ?? '';
      setAttributes(ctx, physicalId, ListenerAttributes);
      return { physicalId };
    },

    update(ctx, { physicalId: ListenerArn }, properties) {
      const {
        LoadBalancerArn: _,
        ListenerAttributes,
        ...input
      } = properties as unknown as ListenerProperties;
      ctx.call('elbv2', 'modifyListener', { ListenerArn, ...input });
      setAttributes(ctx, ListenerArn, ListenerAttributes);
    },

    delete(ctx, { physicalId: ListenerArn }) {
      if (state.listeners.has(ListenerArn)) ctx.call('elbv2', 'deleteListener', { ListenerArn });
    },

    /** AWS is done at once. Here the port must be bound first, so that a busy one is told where it can be mended. */
    stable(_ctx, { physicalId }) {
      const local = state.listeners.get(physicalId)?.local;
      if (!local) return { kind: 'waiting', on: 'the listener to be bound' };
      return local.kind === 'failed' ? { kind: 'failed', reason: local.reason } : stable;
    },

    read(ctx, { physicalId: ListenerArn, properties }) {
      const { Listeners: [listener] = [] } = ctx.call('elbv2', 'describeListeners', {
        ListenerArns: [ListenerArn],
      });
      if (!listener) return undefined;
      const { LoadBalancerArn, Port, Protocol, DefaultActions, Certificates, SslPolicy } = listener;
      const { MutualAuthentication } = listener;
      const { Attributes } = ctx.call('elbv2', 'describeListenerAttributes', { ListenerArn });
      const ListenerAttributes = givenAttributes(properties['ListenerAttributes'], Attributes);
      return {
        LoadBalancerArn,
        Port,
        Protocol,
        DefaultActions,
        Certificates,
        SslPolicy,
        MutualAuthentication,
        ListenerAttributes,
      };
    },

    attributes: (_ctx, { physicalId }) => ({ ListenerArn: physicalId }),
  };
}

function setAttributes(
  ctx: ResourceContext,
  ListenerArn: string,
  Attributes: Elb.ListenerAttribute[] = [],
): void {
  if (Attributes.length > 0) ctx.call('elbv2', 'modifyListenerAttributes', { ListenerArn, Attributes });
}
