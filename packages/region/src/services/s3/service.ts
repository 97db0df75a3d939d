import { after } from '../../kernel/instant.ts';
import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { bucketType } from './cloudformation/bucket.ts';
import { bucketPolicyType } from './cloudformation/bucket-policy.ts';
import { bucketOperations, objectOperations, settingOperations, uploadOperations } from './operations.ts';
import type { ObjectStore } from './ports.ts';
import { blobsInUse, openS3 } from './state.ts';

export interface S3Dependencies {
  readonly tables: Tables;
  readonly objects: ObjectStore;
}

interface KeepOnly {
  readonly kind: 'keepOnly';
  readonly sha256s: readonly string[];
}

/** Amazon Simple Storage Service: buckets and objects. Bodies lie in the blob store, everything else in tables. */
export function s3({ tables, objects }: S3Dependencies): ServiceModule {
  const state = openS3(tables);
  return {
    name: 's3',
    resourceTypes: [bucketType, bucketPolicyType],
    operations: {
      ...bucketOperations(state),
      ...settingOperations(state),
      ...objectOperations(state),
      ...uploadOperations(state),
    },
    // Bodies that no object needs any more are dropped at start and once an hour.
    onStart: (ctx) => ctx.timers.set('bodies', 'sweep', ctx.now),
    onTimer: (ctx) => {
      ctx.perform({ kind: 'keepOnly', sha256s: blobsInUse(state) } satisfies KeepOnly);
      ctx.timers.set('bodies', 'sweep', after(ctx.now, 3600));
    },
    perform: async (action: KeepOnly) => {
      await objects.keepOnly(action.sha256s);
      return undefined;
    },
  };
}
