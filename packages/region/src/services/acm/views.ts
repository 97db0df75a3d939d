import type { Tables } from '../../kernel/table.ts';
import { type CertificateFacts, openAcm } from './state.ts';

/** Where certificates are kept: another service hears of their changes by this name in `onChanged`. */
export const CERTIFICATES = 'acm.certificates';

/** A certificate with its key, for what serves it. */
export interface ServingCertificate {
  readonly certificateArn: string;
  /** The certificate, then its chain. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly facts: CertificateFacts;
}

/** Undefined: there is none of this ARN. */
export function servingCertificate(tables: Tables, certificateArn: string): ServingCertificate | undefined {
  const state = openAcm(tables);
  const record = state.certificates.get(certificateArn);
  const key = state.privateKeys.get(certificateArn);
  if (!record || !key) return undefined;
  return {
    certificateArn,
    certificate: record.certificate + (record.certificateChain ?? ''),
    privateKey: key.pem,
    facts: record.facts,
  };
}
