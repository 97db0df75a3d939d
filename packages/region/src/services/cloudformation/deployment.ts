import type { Tag } from '@aws-sdk/client-cloudformation';
import type { Properties } from '../../kernel/resource-type.ts';
import type { DeletionPolicy, UpdateReplacePolicy } from './template/template.ts';

/** A resource that was really made, and what it was made from. */
export interface Deployment {
  readonly type: string;
  readonly physicalId: string;
  /** Evaluated; references to secrets are left in place. */
  readonly properties: Properties;
  readonly attributes: { readonly [attribute: string]: unknown };
  /** What it needed when it was deployed: physical ids by logical ids. */
  readonly dependsOn: { readonly [logicalId: string]: string };
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: UpdateReplacePolicy;
  readonly metadata?: unknown;
  readonly stackTags: readonly Tag[];
}
