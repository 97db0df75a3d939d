import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { environmentOf } from '../stacks/names.ts';

/** The topic to which alarms publish, with a mail subscription for each address. */
export function alarmTopic(scope: Construct, { service, environment, alarms }: ResolvedEnvironment): Topic {
  const topic = new Topic(scope, 'AlarmTopic', {
    topicName: `${environmentOf(service, environment)}-alarms`,
  });
  // A policy of one's own takes the place of the default one, which let the account's alarms publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisAccount',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'OnlyEncrypted',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  );
  for (const address of alarms.email) topic.addSubscription(new EmailSubscription(address));
  return topic;
}
