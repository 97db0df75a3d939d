// The one file that needs the AWS SDK. It is imported when the secret is first needed: `/health` need not wait for it.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

// Endpoint, region and credentials are found in the environment: AWS_ENDPOINT_URL, AWS_REGION, and on ECS
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI.
const client = new SecretsManagerClient({});

/** The text of the secret; empty for a binary one. @throws the SDK's error; after 10 s without an answer an AbortError. */
export async function fetchSecretString(secretArn: string): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: secretArn });
  const { SecretString } = await client.send(command, { abortSignal: AbortSignal.timeout(10_000) });
  return SecretString ?? '';
}
