/**
 * Whether a role's trust policy lets in whoever an identity provider vouches for. Only what such policies are made of:
 * `Principal.Federated`, the action, and string conditions on `<issuer>:aud` and `<issuer>:sub`. A condition by any other
 * operator or key is not met, so that it never lets in more than AWS would.
 */
export interface FederatedCaller {
  /** ARN of the identity provider. */
  readonly provider: string;
  /** Condition keys in lower case: they are case-insensitive. */
  readonly keys: Readonly<Record<string, string>>;
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: '*' | { readonly Federated?: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function trusts(policy: string, caller: FederatedCaller): boolean {
  const { Statement } = JSON.parse(policy) as { readonly Statement?: Statement | readonly Statement[] };
  const matching = [Statement ?? []].flat().filter((one) => isAbout(one, caller));
  return (
    matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny')
  );
}

function isAbout(statement: Statement, caller: FederatedCaller): boolean {
  const { Action = [], Principal } = statement;
  const federated = typeof Principal === 'object' ? [Principal.Federated ?? []].flat() : [];
  return (
    [Action].flat().some((action) => like('sts:assumerolewithwebidentity', action.toLowerCase())) &&
    (Principal === '*' || federated.some((one) => one === caller.provider || one === '*')) &&
    conditionsHold(statement, caller)
  );
}

function conditionsHold({ Condition = {}, Effect }: Statement, { keys }: FederatedCaller): boolean {
  return Object.entries(Condition).every(([operator, tests]) =>
    Object.entries(tests).every(([key, values]) => {
      const holds = operators[operator.replace(/^ForAnyValue:|^ForAllValues:/, '').replace(/IfExists$/, '')];
      // Of a deny that cannot be understood it is assumed that it denies.
      if (holds === undefined) return Effect === 'Deny';
      const value = keys[key.toLowerCase()];
      if (value === undefined) return operator.endsWith('IfExists') || operator.startsWith('ForAllValues:');
      return holds(value, [values].flat());
    }),
  );
}

const operators: Readonly<Record<string, (value: string, allowed: readonly string[]) => boolean>> = {
  StringEquals: (value, allowed) => allowed.includes(value),
  StringNotEquals: (value, allowed) => !allowed.includes(value),
  StringEqualsIgnoreCase: (value, allowed) =>
    allowed.some((one) => one.toLowerCase() === value.toLowerCase()),
  StringLike: (value, allowed) => allowed.some((one) => like(value, one)),
  StringNotLike: (value, allowed) => !allowed.some((one) => like(value, one)),
};

/** `*` is any text, `?` any character; everything else is itself. */
function like(value: string, pattern: string): boolean {
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${parts}$`, 's').test(value);
}
