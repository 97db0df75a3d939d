/**
 * AWS managed policies whose documents the region has: those that a web service on load balancers, ECS and RDS meets. Another
 * one allows nothing here, and that is announced when it is attached and when it would have mattered.
 *
 * Source: the documents as AWS's ListPolicies and GetPolicyVersion give them, in the list that moto 5.2.5 (Apache-2.0) keeps
 * of them; of ReadOnlyAccess, SecurityAudit and ViewOnlyAccess the actions of the modelled services only. Each has its version
 * and its date, by which it can be compared with https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
 */
import data from './aws-managed-policies.json' with { type: 'json' };

/** One of AWS's policies: its default version. */
export interface AwsManagedPolicy {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
  /** `v3` */
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  readonly updated: string;
  /** JSON text. */
  readonly document: string;
  /** Whether nothing of AWS's document was left out. */
  readonly isWhole: boolean;
}

interface Held {
  readonly path: string;
  readonly version: string;
  readonly created: string;
  readonly updated: string;
  readonly holdsOnly?: string;
  readonly statements: readonly object[];
}

const byName = new Map(
  Object.entries(data as Readonly<Record<string, Held>>).map(([name, { statements, holdsOnly, ...held }]) => [
    name,
    {
      ...held,
      name,
      arn: `arn:aws:iam::aws:policy${held.path}${name}`,
      document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      isWhole: holdsOnly === undefined,
    } satisfies AwsManagedPolicy,
  ]),
);

export function isAwsManaged(arn: string): boolean {
  return /^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/.test(arn);
}

export function awsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  const policy = byName.get(nameOf(arn));
  return policy?.arn === arn ? policy : undefined;
}

/** AWS has a policy of this name elsewhere, so that there is none here: `service-role/` is easily forgotten. */
export function isMisplaced(arn: string): boolean {
  const policy = byName.get(nameOf(arn));
  return policy !== undefined && policy.arn !== arn;
}

/** What to tell of one that is not held. */
export function notHeld(arn: string): string {
  const page = `https://docs.aws.amazon.com/aws-managed-policy/latest/reference/${nameOf(arn)}.html`;
  return `The document of the AWS managed policy ${arn} is not in the region: it allows nothing here. Put its statements (${page}) into a policy of your own, or use one of those that are: ${[...byName.keys()].join(', ')}.`;
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
