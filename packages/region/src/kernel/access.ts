/**
 * What an operation needs to be allowed: IAM's actions, and the resources they act on. Each service says it of its own
 * operations in `access.ts`, as a table that reads like AWS's Service Authorization Reference:
 *
 *   UpdateService: on(service),
 *   RegisterTaskDefinition: all(on(family), passesRole('taskRoleArn', 'ecs-tasks.amazonaws.com')),
 */
type ContextValue = string | readonly string[];

/** One thing that must be allowed. */
export interface Access {
  /** `ecs:UpdateService` */
  readonly action: string;
  /** An ARN, or `*` where the action knows no resource. */
  readonly resource: string;
  /** Condition keys that only this access has. */
  readonly context?: Readonly<Record<string, ContextValue>>;
}

/** A request, as the tables ask it. */
export interface Ask {
  /** `ecs:UpdateService`, from the operation's name. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly accountId: string;
  readonly region: string;
  /** ARN of who asks: what some operations act on where nothing is named. */
  readonly callerArn?: string;
}

export type Rule = (ask: Ask) => readonly Access[];
type ResourcesOf = (ask: Ask) => string | readonly string[];
type ContextOf = (ask: Ask) => Readonly<Record<string, ContextValue>>;

export interface ServiceAccess {
  /** What actions begin with: `elasticloadbalancing`. */
  readonly prefix: string;
  readonly operations: { readonly [operation: string]: Rule };
  /** The JSON text of the policy that is attached to a resource of this service. */
  policyOf?(arn: string): string | undefined;
  /** For `aws:ResourceTag/*`. */
  tagsOf?(arn: string): Readonly<Record<string, string>> | undefined;
}

/** @param action where it is not the operation's name: `s3:ListAllMyBuckets` */
export function on(resources: ResourcesOf, options: { action?: string; context?: ContextOf } = {}): Rule {
  return (ask) =>
    [resources(ask)].flat().map((resource) => ({
      action: options.action ?? ask.action,
      resource,
      ...(options.context && { context: options.context(ask) }),
    }));
}

/** Actions that know no resource, or act on all of them. */
export const onAnything: Rule = on(() => '*');

/** Operations that AWS lets every signed caller do. */
export const needsNothing: Rule = () => [];

export function all(...rules: readonly Rule[]): Rule {
  return (ask) => rules.flatMap((rule) => rule(ask));
}

/** A role is handed to a service: the caller needs `iam:PassRole` on it. Nothing is needed where none is given. */
export function passesRole(role: string | ((ask: Ask) => string), to: string): Rule {
  return (ask) => {
    const given = typeof role === 'string' ? textOf(ask, role) : role(ask);
    if (given === '') return [];
    const resource = given.startsWith('arn:') ? given : arnOf(ask, 'iam', `role/${given}`, '');
    return [{ action: 'iam:PassRole', resource, context: { 'iam:PassedToService': to } }];
  };
}

/** A member of the input that is a text, or nothing. */
export function textOf({ input }: Ask, member: string): string {
  const value = input[member];
  return typeof value === 'string' ? value : '';
}

/** A member of the input that is a list of texts. */
export function textsOf({ input }: Ask, member: string): readonly string[] {
  const value = input[member];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

export function arnOf(
  { accountId, region }: Pick<Ask, 'accountId' | 'region'>,
  service: string,
  resource: string,
  inRegion = region,
): string {
  return `arn:aws:${service}:${inRegion}:${accountId}:${resource}`;
}

/** ARNs of the resources that a member names, by ARN or by name; `*` in the place of a name that is not given. */
export function named(service: string, type: string, member: string, inRegion?: string): ResourcesOf {
  return (ask) => {
    const value = ask.input[member];
    const names = Array.isArray(value) ? textsOf(ask, member) : [textOf(ask, member)];
    return (names.length === 0 ? [''] : names).map((name) =>
      name.startsWith('arn:') ? name : arnOf(ask, service, `${type}${name === '' ? '*' : name}`, inRegion),
    );
  };
}

/** The ARN, or ARNs, that a member is. */
export function arnIn(member: string): ResourcesOf {
  return (ask) => {
    const value = ask.input[member];
    return Array.isArray(value) ? textsOf(ask, member) : textOf(ask, member) || '*';
  };
}
