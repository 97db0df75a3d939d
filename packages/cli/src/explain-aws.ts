import { codeOf, nameOf } from './errors.ts';

/** What a refusal of an AWS API, or of the way to it, means to the user; undefined for any other error. */
export function explainAws(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (nameOf(error) === 'CredentialsProviderError') {
    return [
      'No AWS credentials were found.',
      'Sign in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    ].join('\n');
  }
  if (codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ECONNRESET') {
    return `The endpoint stopped answering: ${error.message || codeOf(error)}. See: plimsoll status`;
  }
  const { $metadata: metadata } = error as { $metadata?: { httpStatusCode?: number; requestId?: string } };
  if (metadata === undefined) return undefined;
  const id = metadata.requestId === undefined ? '' : ` (request ${metadata.requestId})`;
  return `${error.name}: ${error.message}${id}`;
}
