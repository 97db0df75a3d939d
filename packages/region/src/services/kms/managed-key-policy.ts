/**
 * The policy of an AWS managed key: whoever may use the service may use the key through it, and nobody directly.
 * Confirmed by docs: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#asm-policies
 * @param service as in `alias/aws/secretsmanager`
 */
export function managedKeyPolicy(service: string, accountId: string, region: string): string {
  const through = (Action: readonly string[]) => ({
    Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action,
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:CallerAccount': accountId,
        'kms:ViaService': `${service}.${region}.amazonaws.com`,
      },
    },
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Id: `auto-${service}-2`,
    Statement: [
      through([
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ]),
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
        Resource: '*',
      },
    ],
  });
}
