import { limitExceeded, malformedPolicyDocument } from './errors.ts';

/**
 * Checks a policy document's grammar as IAM does when it is put: JSON, version, statements with effect, and the elements
 * that the kind of policy needs. Conditions and ARNs are looked at when the policy is evaluated.
 * @returns the text unchanged
 */
export function checkDocument(text: string, kind: 'identity' | 'trust'): string {
  const document = parse(text);
  const { Version: version } = document;
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformedPolicyDocument('The policy must contain a valid version string.');
  }
  const statements = [document['Statement']].flat();
  if (statements.length === 0 || statements[0] === undefined) {
    throw malformedPolicyDocument('Syntax errors in policy.');
  }
  for (const statement of statements) checkStatement(statement, kind);
  return text;
}

function parse(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
      return document as Record<string, unknown>;
    }
  } catch {
    // Answered below.
  }
  throw malformedPolicyDocument('This policy contains invalid Json');
}

function checkStatement(statement: unknown, kind: 'identity' | 'trust'): void {
  if (typeof statement !== 'object' || statement === null)
    throw malformedPolicyDocument('Syntax errors in policy.');
  const element = statement as Record<string, unknown>;
  const has = (...names: string[]): boolean => names.some((name) => element[name] !== undefined);
  if (element['Effect'] !== 'Allow' && element['Effect'] !== 'Deny') {
    throw malformedPolicyDocument('Syntax errors in policy.');
  }
  if (!has('Action', 'NotAction')) throw malformedPolicyDocument('Policy statement must contain actions.');
  if (kind === 'identity' && has('Principal', 'NotPrincipal')) {
    throw malformedPolicyDocument('Policy document should not specify a principal.');
  }
  if (kind === 'identity' && !has('Resource', 'NotResource')) {
    throw malformedPolicyDocument('Policy statement must contain resources.');
  }
  if (kind === 'trust' && has('Resource', 'NotResource')) {
    throw malformedPolicyDocument('Has prohibited field Resource');
  }
  if (kind === 'trust' && !has('Principal', 'NotPrincipal')) {
    throw malformedPolicyDocument('AssumeRole policy must contain principals.');
  }
}

/** Confirmed by docs: white space does not count. Roles: 10,240 characters of inline policies, 2,048 of trust policy. */
export function checkSize(what: string, documents: readonly string[], limit: number): void {
  const size = documents.reduce((sum, text) => sum + text.replace(/\s/g, '').length, 0);
  if (size > limit) throw limitExceeded(`Cannot exceed quota for ${what}: ${limit}`);
}

/** IAM answers documents percent-encoded (RFC 3986). */
export function encodeDocument(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
