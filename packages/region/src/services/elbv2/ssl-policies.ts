/**
 * Security policies: which versions of TLS and which ciphers a listener offers, by the policy's name.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../kernel/aws-error.ts';
import { sslPolicyNotFound } from './errors.ts';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface SecurityPolicy {
  readonly name: string;
  /** The newest first. */
  readonly protocols: readonly TlsVersion[];
  /** In the order of preference. */
  readonly ciphers: readonly string[];
}

/** Confirmed by docs: what the API, CloudFormation and the CDK take when none is given. */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

/** All ciphers in the order in which AWS lists them, each with the sort of policy that still has it. */
const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const sorts = {
  'ECDHE-ECDSA-AES128-GCM-SHA256': 'gcm',
  'ECDHE-RSA-AES128-GCM-SHA256': 'gcm',
  'ECDHE-ECDSA-AES128-SHA256': 'cbc',
  'ECDHE-RSA-AES128-SHA256': 'cbc',
  'ECDHE-ECDSA-AES128-SHA': 'sha1',
  'ECDHE-RSA-AES128-SHA': 'sha1',
  'ECDHE-ECDSA-AES256-GCM-SHA384': 'gcm',
  'ECDHE-RSA-AES256-GCM-SHA384': 'gcm',
  'ECDHE-ECDSA-AES256-SHA384': 'cbc',
  'ECDHE-RSA-AES256-SHA384': 'cbc',
  'ECDHE-RSA-AES256-SHA': 'sha1',
  'ECDHE-ECDSA-AES256-SHA': 'sha1',
  'AES128-GCM-SHA256': 'rsa',
  'AES128-SHA256': 'rsa',
  'AES128-SHA': 'rsa-sha1',
  'AES256-GCM-SHA384': 'rsa',
  'AES256-SHA256': 'rsa',
  'AES256-SHA': 'rsa-sha1',
} as const;
type Sort = (typeof sorts)[keyof typeof sorts];

const restricted: readonly Sort[] = ['gcm'];
const standard: readonly Sort[] = ['gcm', 'cbc'];
const forwardSecret: readonly Sort[] = ['gcm', 'cbc', 'sha1'];
const withRsa: readonly Sort[] = ['gcm', 'cbc', 'rsa'];
const all: readonly Sort[] = ['gcm', 'cbc', 'sha1', 'rsa', 'rsa-sha1'];

/** Names without `ELBSecurityPolicy-`; the oldest version that is allowed; the newest one; the ciphers below TLS 1.3. */
const table: readonly (readonly [string, TlsVersion, TlsVersion, readonly Sort[]])[] = [
  ['TLS13-1-3-2021-06', 'TLSv1.3', 'TLSv1.3', []],
  ['TLS13-1-2-2021-06', 'TLSv1.2', 'TLSv1.3', standard],
  ['TLS13-1-2-Res-2021-06', 'TLSv1.2', 'TLSv1.3', restricted],
  ['TLS13-1-2-Ext1-2021-06', 'TLSv1.2', 'TLSv1.3', withRsa],
  ['TLS13-1-2-Ext2-2021-06', 'TLSv1.2', 'TLSv1.3', all],
  ['TLS13-1-1-2021-06', 'TLSv1.1', 'TLSv1.3', all],
  ['TLS13-1-0-2021-06', 'TLSv1', 'TLSv1.3', all],
  ['TLS13-1-3-PQ-2025-09', 'TLSv1.3', 'TLSv1.3', []],
  ['TLS13-1-2-PQ-2025-09', 'TLSv1.2', 'TLSv1.3', standard],
  ['TLS13-1-2-Res-PQ-2025-09', 'TLSv1.2', 'TLSv1.3', restricted],
  ['TLS13-1-2-Ext1-PQ-2025-09', 'TLSv1.2', 'TLSv1.3', withRsa],
  ['TLS13-1-2-Ext2-PQ-2025-09', 'TLSv1.2', 'TLSv1.3', all],
  ['TLS13-1-0-PQ-2025-09', 'TLSv1', 'TLSv1.3', all],
  ['TLS-1-2-Ext-2018-06', 'TLSv1.2', 'TLSv1.2', all],
  ['TLS-1-2-2017-01', 'TLSv1.2', 'TLSv1.2', withRsa],
  ['TLS-1-1-2017-01', 'TLSv1.1', 'TLSv1.2', all],
  ['2016-08', 'TLSv1', 'TLSv1.2', all],
  ['2015-05', 'TLSv1', 'TLSv1.2', all],
  ['FS-1-2-Res-2020-10', 'TLSv1.2', 'TLSv1.2', restricted],
  ['FS-1-2-Res-2019-08', 'TLSv1.2', 'TLSv1.2', standard],
  ['FS-1-2-2019-08', 'TLSv1.2', 'TLSv1.2', forwardSecret],
  ['FS-1-1-2019-08', 'TLSv1.1', 'TLSv1.2', forwardSecret],
  ['FS-2018-06', 'TLSv1', 'TLSv1.2', forwardSecret],
];

const versions: readonly TlsVersion[] = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];

export const securityPolicies: readonly SecurityPolicy[] = table.map(([name, oldest, newest, kept]) => ({
  name: `ELBSecurityPolicy-${name}`,
  protocols: versions.slice(versions.indexOf(newest), versions.indexOf(oldest) + 1),
  ciphers: [
    ...(newest === 'TLSv1.3' ? tls13 : []),
    ...Object.entries(sorts).flatMap(([cipher, sort]) => (kept.includes(sort) ? [cipher] : [])),
  ],
}));

export function securityPolicyOf(name: string): SecurityPolicy {
  const found = securityPolicies.find((policy) => policy.name === name);
  if (found) return found;
  // FIPS needs a module that is validated; the one of 2015 has a cipher that OpenSSL 3 has no more.
  if (/^ELBSecurityPolicy-(.*-FIPS-.*|TLS-1-0-2015-04)$/.test(name))
    throw notModelled(`elbv2: security policy ${name}`, 'elbv2');
  throw sslPolicyNotFound(name);
}

export function describedPolicy({ name, protocols, ciphers }: SecurityPolicy): SslPolicy {
  return {
    Name: name,
    SslProtocols: [...protocols],
    Ciphers: ciphers.map((Name, i) => ({ Name, Priority: i + 1 })),
    SupportedLoadBalancerTypes: ['application', 'network'],
  };
}
