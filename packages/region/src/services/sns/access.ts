import { type Ask, arnIn, arnOf, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openSns } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export function snsAccess(tables: Tables): ServiceAccess {
  const { topics } = openSns(tables);
  const aboutTopic = on(arnIn('TopicArn'));
  const aboutResource = on(arnIn('ResourceArn'));
  // Confirmed by docs: actions on a subscription are decided on its topic.
  const aboutSubscription = on(
    (ask) => textOf(ask, 'SubscriptionArn').split(':').slice(0, 6).join(':') || '*',
  );
  return {
    prefix: 'sns',
    policyOf: (arn) => topics.find((topic) => topic.arn === arn)?.attributes['Policy'],
    tagsOf: (arn) => topics.find((topic) => topic.arn === arn)?.tags,
    operations: {
      CreateTopic: on((ask) => arnOf(ask, 'sns', textOf(ask, 'Name'))),
      DeleteTopic: aboutTopic,
      ListTopics: onAnything,
      GetTopicAttributes: aboutTopic,
      SetTopicAttributes: aboutTopic,
      AddPermission: aboutTopic,
      RemovePermission: aboutTopic,
      TagResource: aboutResource,
      UntagResource: aboutResource,
      ListTagsForResource: aboutResource,
      Subscribe: on(arnIn('TopicArn'), {
        context: (ask) => ({
          'sns:Protocol': textOf(ask, 'Protocol'),
          'sns:Endpoint': textOf(ask, 'Endpoint'),
        }),
      }),
      ConfirmSubscription: aboutTopic,
      Unsubscribe: aboutSubscription,
      ListSubscriptions: onAnything,
      ListSubscriptionsByTopic: aboutTopic,
      GetSubscriptionAttributes: aboutSubscription,
      SetSubscriptionAttributes: aboutSubscription,
      Publish: on(target),
      PublishBatch: on(arnIn('TopicArn'), { action: 'sns:Publish' }),
    },
  };
}

/** Publishing to a phone number acts on no topic. */
function target(ask: Ask): string {
  return textOf(ask, 'TopicArn') || textOf(ask, 'TargetArn') || '*';
}
