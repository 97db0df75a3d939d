/** As the region keeps it: `packages/region/src/authorization/denials.ts`. */
export interface Denial {
  readonly requestId: string;
  readonly at: string;
  readonly principal: string;
  readonly role?: string;
  readonly operation: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly reason: string;
  readonly policies: Readonly<Record<string, readonly string[]>>;
  readonly missing?: { readonly to: string; readonly statement: object };
}

export interface RoleGrants {
  readonly role: string;
  readonly unused: readonly {
    readonly policy: string;
    readonly action: string;
    readonly resources: readonly string[];
  }[];
}

export function denialListText(denials: readonly Denial[]): readonly string[] {
  if (denials.length === 0) return ['No request was denied since the region started.'];
  const lines = denials
    .slice(0, 20)
    .map(
      ({ at, requestId, principal, action, resource }) =>
        `${at.slice(11, 19)}  ${requestId || '(no request)'}  ${who(principal)}  ${action}  ${resource}`,
    );
  return [...lines, '', 'What is missing: plimsoll iam why REQUEST-ID'];
}

export function denialText(denial: Denial): readonly string[] {
  const { principal, role, operation, action, resource, at, reason, context, policies, missing } = denial;
  return [
    `Who       ${principal}`,
    ...(role === undefined ? [] : [`Role      ${role}`]),
    `Asked     ${operation} at ${at}`,
    `Action    ${action}`,
    `Resource  ${resource}`,
    `Denied    ${reason}`,
    '',
    'Policies that were looked at',
    ...policyLines(policies),
    '',
    'Context',
    ...Object.entries(context).map(([key, value]) => `  ${key} = ${[value].flat().join(', ')}`),
    '',
    ...missingLines(missing),
  ];
}

function policyLines(policies: Denial['policies']): readonly string[] {
  const lines = Object.entries(policies).flatMap(([kind, names]) =>
    names.map((name) => `  ${kind}: ${name}`),
  );
  return lines.length === 0 ? ['  none: nothing is attached'] : lines;
}

function missingLines(missing: Denial['missing']): readonly string[] {
  if (missing === undefined) return ['A policy denies it: no further statement can allow it.'];
  return [`Missing in ${missing.to}`, ...JSON.stringify(missing.statement, undefined, 2).split('\n')];
}

export function unusedText(roles: readonly RoleGrants[]): readonly string[] {
  const wide = roles.filter(({ unused }) => unused.length > 0);
  if (wide.length === 0) return ['Everything that was granted was used since the region started.'];
  return wide.flatMap(({ role, unused }) => [
    role,
    ...unused.map(({ action, resources, policy }) => `  ${action}  on ${resources.join(', ')}  (${policy})`),
  ]);
}

/** `app/session` of the long ARN. */
function who(principal: string): string {
  return principal.replace(/^.*:assumed-role\//, '');
}
