/** What makes a listener one of HTTPS: its certificates and its security policy, checked. */
import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../kernel/aws-error.ts';
import {
  alpnPolicyNotSupported,
  certificateNotFound,
  unsupportedCertificate,
  unsupportedProtocol,
  validationError,
} from './errors.ts';
import { DEFAULT_SSL_POLICY, securityPolicyOf } from './ssl-policies.ts';
import type { Elbv2State, ListenerTls } from './state.ts';

type Given = Pick<
  Elb.CreateListenerInput,
  'Protocol' | 'SslPolicy' | 'Certificates' | 'AlpnPolicy' | 'MutualAuthentication'
>;

/**
 * Undefined: the listener is one of HTTP.
 * Confirmed by docs: HTTPS needs exactly one certificate; from HTTPS to HTTP, policy and certificates go.
 * @param before of the listener that is changed
 */
export function checkedTls(
  state: Elbv2State,
  given: Given,
  before?: { readonly tls?: ListenerTls },
): ListenerTls | undefined {
  const protocol = given.Protocol ?? (before && (before.tls ? 'HTTPS' : 'HTTP'));
  if (protocol === undefined) throw validationError('A listener protocol must be specified');
  // Confirmed by docs: ALPN policies are those of TLS listeners of Network Load Balancers.
  if ((given.AlpnPolicy ?? []).length > 0) throw alpnPolicyNotSupported();
  const mode = given.MutualAuthentication?.Mode ?? 'off';
  if (mode !== 'off') throw notModelled(`elbv2: mutual authentication mode ${mode}`, 'elbv2');
  if (protocol === 'HTTP') {
    refuseOfHttp(given);
    return undefined;
  }
  if (protocol !== 'HTTPS') {
    throw unsupportedProtocol(
      `Protocol '${protocol}' is not supported by load balancers with type 'application'`,
    );
  }
  const known = before?.tls;
  const [certificate] = given.Certificates ?? [];
  if (!certificate && !known) throw validationError('A certificate must be specified for HTTPS listeners');
  const sslPolicy = given.SslPolicy ?? known?.sslPolicy ?? DEFAULT_SSL_POLICY;
  securityPolicyOf(sslPolicy);
  return {
    sslPolicy,
    defaultCertificateArn: certificate
      ? checkedCertificate(state, given.Certificates)
      : (known?.defaultCertificateArn ?? ''),
    certificateArns: known?.certificateArns ?? [],
  };
}

function refuseOfHttp({ SslPolicy, Certificates, MutualAuthentication }: Given): void {
  const given =
    SslPolicy !== undefined
      ? 'A security policy'
      : (Certificates ?? []).length > 0
        ? 'A certificate'
        : MutualAuthentication && 'Mutual authentication';
  if (given) throw validationError(`${given} can be specified for HTTPS listeners only`);
}

/** The ARN of the one certificate that a request gives. */
export function checkedCertificate(state: Elbv2State, given: readonly Elb.Certificate[] | undefined): string {
  const [certificate, second] = given ?? [];
  if (!certificate || second) throw validationError('Exactly one certificate must be specified');
  if (certificate.IsDefault !== undefined)
    throw validationError("'IsDefault' cannot be specified for a certificate");
  const { CertificateArn = '' } = certificate;
  if (/^arn:[^:]*:iam:.*:server-certificate\//.test(CertificateArn))
    throw notModelled('elbv2: server certificates of IAM', 'elbv2');
  const found = state.servingCertificate(CertificateArn);
  if (!found) throw certificateNotFound(CertificateArn);
  const { domainName, subjectAlternativeNames } = found.facts;
  if (![domainName, ...subjectAlternativeNames].some(isFullyQualified))
    throw unsupportedCertificate(CertificateArn);
  return CertificateArn;
}

/** `app.example.com`, `*.example.com`; neither `localhost` nor an address. */
function isFullyQualified(name: string): boolean {
  return /^(\*\.)?([a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/i.test(name);
}
