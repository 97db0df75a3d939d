/** A stand-in for S3: policies of buckets, and the objects that were put. */
import { AwsError } from '../../../kernel/aws-error.ts';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import type { AccessLogFiles } from '../ports.ts';

export class FakeBuckets implements AccessLogFiles {
  /** By name. A bucket is there when it has one. */
  readonly policies = new Map<string, string>();
  /** By bucket and key: what was stored, and in what form. */
  readonly objects = new Map<string, { readonly text: string; readonly form: 'plain' | 'gzip' }>();

  async store(text: string, form: 'plain' | 'gzip'): Promise<object> {
    return { text, form };
  }

  readonly module: ServiceModule = {
    name: 's3',
    operations: {
      GetBucketPolicy: operation<{ Bucket: string }, object>({
        accepts: ['Bucket'],
        handler: (_ctx, { Bucket }) => ({ Policy: this.#policyOf(Bucket) }),
      }),
      PutObject: operation<
        { Bucket: string; Key: string; Body: { text: string; form: 'plain' | 'gzip' } },
        object
      >({
        accepts: ['Bucket', 'Key', 'Body'],
        handler: (_ctx, { Bucket, Key, Body }) => {
          this.#policyOf(Bucket);
          this.objects.set(`${Bucket}/${Key}`, Body);
          return {};
        },
      }),
    },
  };

  #policyOf(bucket: string): string {
    const policy = this.policies.get(bucket);
    if (policy === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist');
    return policy;
  }
}

/** The policy that AWS's documentation gives. */
export function logDeliveryPolicy(bucket: string, principal: object): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${bucket}/*AWSLogs/000000000000/*`,
      },
    ],
  });
}
