import type { Instant } from '../../kernel/instant.ts';

/** When an access key was last used, by which service and region: signed requests are not IAM's own. */
export interface KeyUse {
  readonly at: Instant;
  /** As the key's requests name it in their signature: `s3`. */
  readonly service: string;
  readonly region: string;
}

export interface KeyUses {
  lastUse(accessKeyId: string): KeyUse | undefined;
}
