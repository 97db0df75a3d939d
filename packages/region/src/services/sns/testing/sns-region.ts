/** SNS on virtual time; what leaves it is kept here, and the other side's answers are set by the test. */

import type { ResourceType } from '../../../kernel/resource-type.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { type TestRegion, type TestRegionOptions, testRegion } from '../../../testing/test-region.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import type { DeliveryOutcome, HttpPost, Mail } from '../ports.ts';
import { sns } from '../service.ts';

export interface SnsRegion extends TestRegion {
  /** What the mailbox kept. */
  readonly mails: Mail[];
  /** Every attempt at the relay, with the time of the region's clock. */
  readonly relayed: { readonly mail: Mail; readonly at: number }[];
  readonly posts: { readonly post: HttpPost; readonly at: number }[];
  /** What the relay and endpoints answer from now on. */
  answers: { relay: DeliveryOutcome; http: DeliveryOutcome };
  /** Makes a topic and gives its ARN. */
  topic(name?: string): Promise<string>;
  /** Subscribes and confirms by the link in the mail; gives the ARN. */
  subscribed(topicArn: string, endpoint: string, attributes?: Record<string, string>): Promise<string>;
  /** As a link does it: unsigned. */
  unsigned(operation: string, input: object): Promise<unknown>;
}

export const delivered: DeliveryOutcome = { kind: 'delivered' };

export function failing(reason: string, isPermanent = false): DeliveryOutcome {
  return { kind: 'failed', reason, isPermanent };
}

export interface SnsRegionOptions extends TestRegionOptions {
  readonly hasRelay?: boolean;
  /** Attempts never come to an end, as when the region is killed. */
  readonly isStuck?: boolean;
}

export function snsRegion(options: SnsRegionOptions = {}): SnsRegion {
  const mails: Mail[] = [];
  const relayed: { mail: Mail; at: number }[] = [];
  const posts: { post: HttpPost; at: number }[] = [];
  const never = new Promise<never>(() => {});
  const region = testRegion((tables): ServiceModule[] => {
    const modules: ServiceModule[] = [
      sns({
        tables,
        endpointUrl: () => 'http://127.0.0.1:4566',
        mail: {
          hasRelay: options.hasRelay ?? false,
          keep: (mail) => {
            if (options.isStuck) return never;
            mails.push(mail);
            return Promise.resolve(delivered);
          },
          relay: (mail) => {
            relayed.push({ mail, at: region.now() });
            return options.isStuck ? never : Promise.resolve(whole.answers.relay);
          },
        },
        http: {
          mayReach: (url) => new URL(url).hostname === 'localhost',
          post: (post) => {
            posts.push({ post, at: region.now() });
            return options.isStuck ? never : Promise.resolve(whole.answers.http);
          },
        },
        signer: {
          sign: (text, version) =>
            Promise.resolve({
              signature: `v${version} of ${text.length}`,
              certificateUrl: 'http://127.0.0.1:4566/SimpleNotificationService-1.pem',
            }),
        },
      }),
      cloudformation({
        tables,
        resourceTypes: () => types,
        readTemplate: () => {
          throw new Error('no templates in buckets here');
        },
      }),
    ];
    const types: ReadonlyMap<string, ResourceType> = new Map(
      modules.flatMap((module) => (module.resourceTypes ?? []).map((type) => [type.name, type] as const)),
    );
    return modules;
  }, options);
  const whole: SnsRegion = {
    ...region,
    mails,
    relayed,
    posts,
    answers: { relay: delivered, http: delivered },
    async topic(name = 'alarms') {
      const { TopicArn = '' } = await region.call('sns', 'createTopic', { Name: name });
      return TopicArn;
    },
    async subscribed(TopicArn, Endpoint, Attributes = {}) {
      const Protocol = Endpoint.includes('://') ? new URL(Endpoint).protocol.replace(':', '') : 'email';
      await region.call('sns', 'subscribe', { TopicArn, Protocol, Endpoint, Attributes });
      await region.kernel.settled();
      const text = Protocol === 'email' ? (mails.at(-1)?.text ?? '') : (posts.at(-1)?.post.body ?? '');
      const Token = tokenIn(text);
      const { SubscriptionArn = '' } = await region.call('sns', 'confirmSubscription', { TopicArn, Token });
      return SubscriptionArn;
    },
    unsigned: (operation, input) =>
      region.kernel.request({
        service: 'sns',
        operation,
        input,
        caller: { type: 'Anonymous', arn: '', accountId: '', userId: '' },
        requestId: 'unsigned',
      }),
  };
  return whole;
}

/** The token of the link in a mail or document. */
export function tokenIn(text: string): string {
  return /Token=([0-9a-f]+)/.exec(text)?.[1] ?? '';
}
