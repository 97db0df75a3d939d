import type * as Sns from '@aws-sdk/client-sns';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { addPermission, removePermission } from './api/permissions.ts';
import { publish, publishBatch } from './api/publish.ts';
import * as subscriptions from './api/subscriptions.ts';
import { listTagsForResource, tagResource, untagResource } from './api/tags.ts';
import * as topics from './api/topics.ts';
import { subscriptionType } from './cloudformation/subscription.ts';
import { topicType } from './cloudformation/topic.ts';
import { topicPolicyType } from './cloudformation/topic-policy.ts';
import {
  type AttemptedEvent,
  type DeliverAction,
  onAttempted,
  onRetryDue,
  resumeDeliveries,
  type Sending,
} from './deliveries.ts';
import type { HttpDelivery, MailDelivery, MessageSigner } from './ports.ts';
import { attempt } from './runtime.ts';
import { openSns, type SnsState } from './state.ts';

export interface SnsDependencies {
  readonly tables: Tables;
  readonly mail: MailDelivery;
  readonly http: HttpDelivery;
  readonly signer: MessageSigner;
  /** Where the region answers: links in messages point there. */
  readonly endpointUrl: () => string;
}

/** Amazon Simple Notification Service: standard topics whose mails and HTTP messages really go out. */
export function sns({ tables, mail, http, signer, endpointUrl }: SnsDependencies): ServiceModule {
  const state = openSns(tables);
  const sending: Sending = {
    state,
    hasRelay: mail.hasRelay,
    mayReach: (url) => http.mayReach(url),
    endpointUrl,
  };
  return {
    name: 'sns',
    operations: {
      ...topicOperations(state),
      ...subscriptionOperations(sending),
      ...messageOperations(sending),
    },
    resourceTypes: [topicType, subscriptionType, topicPolicyType],
    onStart: (ctx) => resumeDeliveries(ctx, state),
    onTimer(ctx, timer) {
      if (timer.name === 'retry') onRetryDue(ctx, state, timer.subject);
      else subscriptions.onUnconfirmed(ctx, state, timer.subject);
    },
    onEvent: (ctx, event: AttemptedEvent) => onAttempted(ctx, state, event),
    perform: (action: DeliverAction) => attempt({ mail, http, signer }, action),
  };
}

function topicOperations(state: SnsState): ServiceModule['operations'] {
  return {
    CreateTopic: operation<Sns.CreateTopicInput, Sns.CreateTopicResponse>({
      accepts: ['Name', 'Attributes', 'Tags'],
      handler: (ctx, input) => topics.createTopic(ctx, state, input),
    }),
    DeleteTopic: operation<Sns.DeleteTopicInput, object>({
      accepts: ['TopicArn'],
      handler: (ctx, input) => topics.deleteTopic(ctx, state, input),
    }),
    ListTopics: operation<Sns.ListTopicsInput, Sns.ListTopicsResponse>({
      accepts: ['NextToken'],
      handler: (ctx, input) => topics.listTopics(ctx, state, input),
    }),
    GetTopicAttributes: operation<Sns.GetTopicAttributesInput, Sns.GetTopicAttributesResponse>({
      accepts: ['TopicArn'],
      handler: (ctx, input) => topics.getTopicAttributes(ctx, state, input),
    }),
    SetTopicAttributes: operation<Sns.SetTopicAttributesInput, object>({
      accepts: ['TopicArn', 'AttributeName', 'AttributeValue'],
      handler: (ctx, input) => topics.setTopicAttributes(ctx, state, input),
    }),
    AddPermission: operation<Sns.AddPermissionInput, object>({
      accepts: ['TopicArn', 'Label', 'AWSAccountId', 'ActionName'],
      handler: (ctx, input) => addPermission(ctx, state, input),
    }),
    RemovePermission: operation<Sns.RemovePermissionInput, object>({
      accepts: ['TopicArn', 'Label'],
      handler: (ctx, input) => removePermission(ctx, state, input),
    }),
    TagResource: operation<Sns.TagResourceRequest, Sns.TagResourceResponse>({
      accepts: ['ResourceArn', 'Tags'],
      handler: (ctx, input) => tagResource(ctx, state, input),
    }),
    UntagResource: operation<Sns.UntagResourceRequest, Sns.UntagResourceResponse>({
      accepts: ['ResourceArn', 'TagKeys'],
      handler: (ctx, input) => untagResource(ctx, state, input),
    }),
    ListTagsForResource: operation<Sns.ListTagsForResourceRequest, Sns.ListTagsForResourceResponse>({
      accepts: ['ResourceArn'],
      handler: (ctx, input) => listTagsForResource(ctx, state, input),
    }),
  };
}

function subscriptionOperations(sending: Sending): ServiceModule['operations'] {
  const { state } = sending;
  return {
    Subscribe: operation<Sns.SubscribeInput, Sns.SubscribeResponse>({
      accepts: ['TopicArn', 'Protocol', 'Endpoint', 'Attributes', 'ReturnSubscriptionArn'],
      handler: (ctx, input) => subscriptions.subscribe(ctx, sending, input),
    }),
    ConfirmSubscription: operation<Sns.ConfirmSubscriptionInput, Sns.ConfirmSubscriptionResponse>({
      accepts: ['TopicArn', 'Token', 'AuthenticateOnUnsubscribe'],
      handler: (ctx, input) => subscriptions.confirmSubscription(ctx, state, input),
    }),
    Unsubscribe: operation<Sns.UnsubscribeInput, object>({
      accepts: ['SubscriptionArn'],
      handler: (ctx, input) => subscriptions.unsubscribe(ctx, sending, input),
    }),
    ListSubscriptions: operation<Sns.ListSubscriptionsInput, Sns.ListSubscriptionsResponse>({
      accepts: ['NextToken'],
      handler: (ctx, input) => subscriptions.listSubscriptions(ctx, state, input),
    }),
    ListSubscriptionsByTopic: operation<
      Sns.ListSubscriptionsByTopicInput,
      Sns.ListSubscriptionsByTopicResponse
    >({
      accepts: ['TopicArn', 'NextToken'],
      handler: (ctx, input) => subscriptions.listSubscriptionsByTopic(ctx, state, input),
    }),
    GetSubscriptionAttributes: operation<
      Sns.GetSubscriptionAttributesInput,
      Sns.GetSubscriptionAttributesResponse
    >({
      accepts: ['SubscriptionArn'],
      handler: (ctx, input) => subscriptions.getSubscriptionAttributes(ctx, state, input),
    }),
    SetSubscriptionAttributes: operation<Sns.SetSubscriptionAttributesInput, object>({
      accepts: ['SubscriptionArn', 'AttributeName', 'AttributeValue'],
      handler: (ctx, input) => subscriptions.setSubscriptionAttributes(ctx, state, input),
    }),
  };
}

function messageOperations(sending: Sending): ServiceModule['operations'] {
  return {
    Publish: operation<Sns.PublishInput, Sns.PublishResponse>({
      accepts: [
        'TopicArn',
        'TargetArn',
        'PhoneNumber',
        'Message',
        'Subject',
        'MessageStructure',
        'MessageAttributes',
      ],
      handler: (ctx, input) => publish(ctx, sending, input),
    }),
    PublishBatch: operation<Sns.PublishBatchInput, Sns.PublishBatchResponse>({
      accepts: ['TopicArn', 'PublishBatchRequestEntries'],
      handler: (ctx, input) => publishBatch(ctx, sending, input),
    }),
  };
}
