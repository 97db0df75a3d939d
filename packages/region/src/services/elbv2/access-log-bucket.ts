/** Whether a bucket takes access logs: it has to be there, and its policy has to let the balancers write. */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { type AccessLogDestination, testFileKey } from './access-log-files.ts';
import { invalidConfiguration } from './errors.ts';

const LOG_DELIVERY = 'logdelivery.elasticloadbalancing.amazonaws.com';
/** Confirmed by docs: the accounts that policies of older regions name instead of the log delivery service. */
const ELB_ACCOUNTS: Readonly<Record<string, string>> = {
  'us-east-1': '127311923021',
  'us-east-2': '033677994240',
  'us-west-1': '027434742980',
  'us-west-2': '797873946194',
  'af-south-1': '098369216593',
  'ap-east-1': '754344448648',
  'ap-northeast-1': '582318560864',
  'ap-northeast-2': '600734575887',
  'ap-northeast-3': '383597477331',
  'ap-south-1': '718504428378',
  'ap-southeast-1': '114774131450',
  'ap-southeast-2': '783225319266',
  'ap-southeast-3': '589379963580',
  'ca-central-1': '985666609251',
  'eu-central-1': '054676820928',
  'eu-north-1': '897822967062',
  'eu-south-1': '635631232127',
  'eu-west-1': '156460612806',
  'eu-west-2': '652711504416',
  'eu-west-3': '009996457667',
  'me-south-1': '076674570225',
  'sa-east-1': '507241528517',
};

export function elbPrincipal({ accountId }: Context) {
  return { type: 'Service', arn: `arn:aws:iam::${accountId}:root`, accountId, userId: LOG_DELIVERY } as const;
}

/** Throws what AWS answers when it could not write its test file. */
export function checkAccessLogBucket(ctx: Context, destination: AccessLogDestination): void {
  const { bucket, prefix } = destination;
  if (bucket === '') throw invalidConfiguration("The value of 'access_logs.s3.bucket' cannot be empty");
  // Confirmed by docs: the prefix must not include the string AWSLogs.
  if (prefix.includes('AWSLogs'))
    throw invalidConfiguration(`The value of 'access_logs.s3.prefix' must not include 'AWSLogs'`);
  const resource = `arn:aws:s3:::${bucket}/${testFileKey(destination, ctx)}`;
  if (!statementsOf(ctx, bucket).some((statement) => allows(statement, ctx.region, resource))) {
    // Confirmed by public reports: code and text.
    throw invalidConfiguration(`Access Denied for bucket: ${bucket}. Please check S3bucket permission`);
  }
  ctx.warn(
    'elbv2-access-log-policy',
    'elbv2: of the policy of a bucket for access logs only that some statement allows s3:PutObject is checked, not its conditions nor what denies.',
  );
}

/** None when there is no bucket or no policy. */
function statementsOf(ctx: Context, bucket: string): readonly Statement[] {
  try {
    const { Policy } = ctx.attempt(() =>
      ctx.as(elbPrincipal(ctx)).call('s3', 'getBucketPolicy', { Bucket: bucket }),
    );
    const { Statement } = JSON.parse(Policy ?? '{}') as { Statement?: Statement | Statement[] };
    return Statement === undefined ? [] : [Statement].flat();
  } catch (error) {
    if (error instanceof AwsError) return [];
    throw error;
  }
}

type OneOrMore = string | readonly string[];

interface Statement {
  readonly Effect?: string;
  readonly Principal?: '*' | { readonly Service?: OneOrMore; readonly AWS?: OneOrMore };
  readonly Action?: OneOrMore;
  readonly Resource?: OneOrMore;
}

function allows(
  { Effect, Principal, Action = [], Resource = [] }: Statement,
  region: string,
  resource: string,
): boolean {
  return (
    Effect === 'Allow' &&
    isElb(Principal, region) &&
    [Action].flat().some((action) => matches(action.toLowerCase(), 's3:putobject')) &&
    [Resource].flat().some((pattern) => matches(pattern, resource))
  );
}

function isElb(principal: Statement['Principal'], region: string): boolean {
  if (principal === '*') return true;
  const services = [principal?.Service ?? []].flat();
  const accounts = [principal?.AWS ?? []].flat();
  const account = ELB_ACCOUNTS[region] ?? '-';
  return (
    services.includes(LOG_DELIVERY) ||
    accounts.some((given) => given === '*' || given === account || given === `arn:aws:iam::${account}:root`)
  );
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
