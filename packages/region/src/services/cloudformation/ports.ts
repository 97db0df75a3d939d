import type { Context } from '../../kernel/context.ts';

/** An object in a bucket of this region. */
export interface TemplateLocation {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

/**
 * Templates that lie in S3 (`TemplateURL`). Bodies of objects are files, and a step cannot wait: so this reads at once,
 * as it may, a template being at most 1 MB. Throws the AWS error when there is no such object or the caller may not read it.
 */
export type ReadTemplate = (ctx: Context, location: TemplateLocation) => Uint8Array;
