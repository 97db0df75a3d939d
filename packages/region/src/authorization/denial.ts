import { AwsError } from '../kernel/aws-error.ts';
import type { ServiceName } from '../kernel/service-calls.ts';
import { allowedBy, evaluate, type Outcome, type Policies, type Question } from './evaluate.ts';

/**
 * Why it was denied, in the words of AWS's messages.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function reasonOf(question: Question, policies: Policies, outcome: Outcome): string {
  const { identity, boundary, session, resource } = policies;
  const kinds = [
    ['identity-based policy', 'an', identity],
    ['permissions boundary', 'a', boundary],
    ['session policy', 'a', session ?? []],
  ] as const;
  if (outcome === 'ExplicitlyDenied') {
    const denying = kinds.find(([, , list]) => allowedBy(question, list) === 'ExplicitlyDenied');
    const [kind, article] = denying ?? ['resource-based policy', 'a'];
    return `with an explicit deny in ${article} ${kind}`;
  }
  const because = (kind: string) => `because no ${kind} allows the ${question.action} action`;
  if (boundary.length > 0 && allowedBy(question, boundary) !== 'Allowed')
    return because('permissions boundary');
  // Services and whom an identity provider vouches for have no policies of their own.
  if (!/^arn:aws:(?:iam|sts)::\d{12}:(?:assumed-role|user)\//.test(question.principal))
    return because('resource-based policy');
  if (allowedBy(question, identity) !== 'Allowed') return because('identity-based policy');
  if (session && evaluate(question, { identity, boundary, ...(resource && { resource }) }) === 'Allowed')
    return because('session policy');
  return because('resource-based policy');
}

export interface Denied {
  readonly service: ServiceName;
  readonly userArn: string;
  readonly action: string;
  readonly resource: string;
  readonly reason: string;
}

/** The error in the words and the form of each service. */
export function denialError(denied: Denied): AwsError {
  const { code, status, words } = forms[denied.service] ?? json;
  return new AwsError(code, words?.(denied) ?? inGeneral(denied), { status });
}

interface Form {
  readonly code: string;
  readonly status: number;
  readonly words?: (denied: Denied) => string;
}

const json: Form = { code: 'AccessDeniedException', status: 400 };
const query: Form = { code: 'AccessDenied', status: 403 };

const forms: { readonly [service in ServiceName]?: Form } = {
  cloudformation: query,
  cloudwatch: query,
  elbv2: query,
  iam: query,
  rds: query,
  sts: { ...query, words: withoutReason },
  s3: { ...query, words: (denied) => inGeneral({ ...denied, resource: `"${denied.resource}"` }) },
  // Confirmed by an answer of AWS: SNS writes its name in capitals.
  // https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/151
  sns: {
    code: 'AuthorizationError',
    status: 403,
    words: ({ action, reason, ...denied }) =>
      inGeneral({
        ...denied,
        action: action.replace('sns:', 'SNS:'),
        reason: reason.replace(action, action.replace('sns:', 'SNS:')),
      }),
  },
  ec2: {
    code: 'UnauthorizedOperation',
    status: 403,
    words: (denied) => `You are not authorized to perform this operation. ${inGeneral(denied)}`,
  },
};

function inGeneral({ userArn, action, resource, reason }: Denied): string {
  // Confirmed by an answer of AWS: where the resource is everything, some services leave it out; here it is always written.
  // https://github.com/Kralizek/AWSSecretsManagerConfigurationExtensions/issues/78
  return `User: ${userArn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}

/**
 * Confirmed by an answer of AWS: STS does not tell why a role may not be assumed. Known: unless a policy denies it.
 * https://github.com/aws-actions/configure-aws-credentials/issues/54
 */
function withoutReason(denied: Denied): string {
  if (denied.reason.startsWith('with')) return inGeneral(denied);
  return `User: ${denied.userArn} is not authorized to perform: ${denied.action} on resource: ${denied.resource}`;
}
