import type { Context } from './context.ts';

/**
 * A CloudFormation resource type. Its shape names every property that is modelled, all the way down: CloudFormation
 * refuses a template with any other, before anything is created. Values arrive checked and of the declared type
 * (CloudFormation's "true" and "80" become `true` and `80`).
 */
export interface ResourceType {
  /** For instance `AWS::ECS::Cluster`. */
  readonly name: string;
  readonly properties: { readonly [property: string]: Property };

  /** Creates by calling public operations through `ctx.call`. A throw undoes all of it. */
  create(ctx: ResourceContext, properties: Properties): Created;
  /** Changes in place. Absent: every change replaces. */
  update?(ctx: ResourceContext, resource: DeployedResource, properties: Properties): void;
  /** Starts the deletion; must not refuse what is already gone. */
  delete(ctx: ResourceContext, resource: DeployedResource): void;

  /** When AWS would call a create or update complete. Default: at once. Asked again whenever something changed. */
  stable?(ctx: ResourceContext, resource: DeployedResource): Stability;
  /** When AWS would call the deletion complete. Default: at once. */
  deleted?(ctx: ResourceContext, resource: DeployedResource): Stability;
  /** What `Fn::GetAtt` gives; read once the resource is stable. */
  attributes?(ctx: ResourceContext, resource: DeployedResource): { readonly [attribute: string]: unknown };
  /**
   * The properties as they are now, as a template would give them: drift detection compares them with those that the
   * template gives. Those that are left out are not compared, those that are `undefined` are gone; members and defaults that
   * the template does not give do no harm; tags as the service has them. Gives `undefined`, or throws AWS's error of not
   * finding it, if the resource itself is gone. Absent: the type is not checked.
   */
  read?(ctx: ReadContext, resource: DeployedResource): Properties | undefined;
  /** For `DeletionPolicy: Snapshot`: delete, keeping a snapshot. Absent: the policy is refused for this type. */
  deleteWithSnapshot?(ctx: ResourceContext, resource: DeployedResource): void;
  /** The policy when the template gives none. Default `Delete`. */
  readonly defaultDeletionPolicy?: (properties: Properties) => 'Delete' | 'Snapshot';
}

export type Properties = { readonly [property: string]: unknown };

export interface ResourceContext extends Context {
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** `STACK-LOGICALID-RANDOM`, cut to `maximum` characters: the name AWS gives when the template gives none. */
  generateName(maximum: number, options?: { readonly lowerCase?: boolean }): string;
  /** The stack's tags and the `aws:cloudformation:*` ones. */
  readonly stackTags: readonly { readonly Key: string; readonly Value: string }[];
}

export interface ReadContext extends ResourceContext {
  /** What stacks made of another type: what they attach to a resource is no drift of it. */
  deployed(type: string): readonly DeployedResource[];
}

export interface Created {
  /** What `Ref` gives. */
  readonly physicalId: string;
}

export interface DeployedResource {
  readonly physicalId: string;
  readonly properties: Properties;
  /** The stack's own tags when it was deployed. */
  readonly stackTags?: readonly { readonly Key?: string | undefined }[];
}

/** The tags that a resource was deployed with, the stack's and its own: an update takes those away that are no longer wanted. */
export function deployedTagKeys({ properties, stackTags = [] }: DeployedResource): readonly string[] {
  const own = (properties['Tags'] ?? []) as readonly { readonly Key?: string }[];
  return [...stackTags, ...own].flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
}

export type Stability =
  | { readonly kind: 'stable' }
  | { readonly kind: 'waiting'; readonly on: string }
  /** @param code HandlerErrorCode of what it ended as; else NotStabilized */
  | { readonly kind: 'failed'; readonly reason: string; readonly code?: string };

export const stable: Stability = { kind: 'stable' };

/** The shape of a property's value. */
export type Shape =
  | { readonly kind: 'integer' | 'number' | 'boolean' | 'json' | 'tags' }
  | { readonly kind: 'string'; readonly ignoresCase?: true }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'map'; readonly of: Shape }
  | { readonly kind: 'object'; readonly members: { readonly [member: string]: Shape | Ignored } };

export interface Ignored {
  readonly kind: 'ignored';
  /** Told once as a warning when a template sets it: what does not happen. */
  readonly reason: string;
}

export type Property = (Shape | Ignored) & {
  readonly required?: boolean;
  /** A change replaces the resource. */
  readonly replaces?: boolean;
};

export const text = { kind: 'string' } as const;
/** Text that the service keeps in a case of its own: `HTTP` and `http` are the same. */
export const caseless = { kind: 'string', ignoresCase: true } as const;
export const integer = { kind: 'integer' } as const;
export const decimal = { kind: 'number' } as const;
export const flag = { kind: 'boolean' } as const;
/** Any JSON, such as a policy document. */
export const json = { kind: 'json' } as const;
/** A list of `{Key, Value}`. */
export const tags = { kind: 'tags' } as const;

export function listOf<S extends Shape>(of: S): { readonly kind: 'list'; readonly of: S } {
  return { kind: 'list', of };
}

export function mapOf<S extends Shape>(of: S): { readonly kind: 'map'; readonly of: S } {
  return { kind: 'map', of };
}

export function object(members: { readonly [member: string]: Shape | Ignored }): Shape {
  return { kind: 'object', members };
}

export function ignored(reason: string): Ignored {
  return { kind: 'ignored', reason };
}

export function required<S extends Shape>(shape: S): S & { readonly required: true } {
  return { ...shape, required: true };
}

/** A change of this property replaces the resource. */
export function replaces<P extends Property>(property: P): P & { readonly replaces: true } {
  return { ...property, replaces: true };
}
