import { type Ask, all, on, type Rule, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openS3 } from './state.ts';

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html and, for which action an operation
 * needs, https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export function s3Access(tables: Tables): ServiceAccess {
  const state = openS3(tables);
  const bucketOf = (arn: string) => state.buckets.get((arn.split(':')[5] ?? '').split('/')[0] ?? '');
  return {
    prefix: 's3',
    policyOf: (arn) => {
      const policy = bucketOf(arn)?.settings.policy;
      return typeof policy === 'string' ? policy : undefined;
    },
    tagsOf: (arn) => (arn.includes('/') ? undefined : bucketOf(arn)?.tags),
    operations: {
      CreateBucket: onBucket(),
      DeleteBucket: onBucket(),
      HeadBucket: onBucket('ListBucket'),
      ListBuckets: on(() => '*', { action: 's3:ListAllMyBuckets' }),
      GetBucketLocation: onBucket(),
      PutBucketVersioning: onBucket(),
      GetBucketVersioning: onBucket(),
      PutBucketTagging: onBucket(),
      GetBucketTagging: onBucket(),
      DeleteBucketTagging: onBucket('PutBucketTagging'),
      PutBucketEncryption: onBucket('PutEncryptionConfiguration'),
      GetBucketEncryption: onBucket('GetEncryptionConfiguration'),
      DeleteBucketEncryption: onBucket('PutEncryptionConfiguration'),
      PutPublicAccessBlock: onBucket('PutBucketPublicAccessBlock'),
      GetPublicAccessBlock: onBucket('GetBucketPublicAccessBlock'),
      DeletePublicAccessBlock: onBucket('PutBucketPublicAccessBlock'),
      PutBucketPolicy: onBucket(),
      GetBucketPolicy: onBucket(),
      DeleteBucketPolicy: onBucket(),
      PutBucketLifecycleConfiguration: onBucket('PutLifecycleConfiguration'),
      GetBucketLifecycleConfiguration: onBucket('GetLifecycleConfiguration'),
      DeleteBucketLifecycle: onBucket('PutLifecycleConfiguration'),
      PutBucketOwnershipControls: onBucket(),
      GetBucketOwnershipControls: onBucket(),
      DeleteBucketOwnershipControls: onBucket('PutBucketOwnershipControls'),
      PutObject: all(onObject('PutObject'), taggingOf),
      GetObject: versioned('GetObject'),
      HeadObject: versioned('GetObject'),
      CopyObject: all(on(copySource, { action: 's3:GetObject' }), onObject('PutObject'), taggingOf),
      DeleteObject: versioned('DeleteObject'),
      DeleteObjects: deletions,
      GetObjectTagging: versioned('GetObjectTagging'),
      ListObjectsV2: listing('ListBucket'),
      ListObjects: listing('ListBucket'),
      ListObjectVersions: listing('ListBucketVersions'),
      CreateMultipartUpload: all(onObject('PutObject'), taggingOf),
      UploadPart: onObject('PutObject'),
      CompleteMultipartUpload: onObject('PutObject'),
      AbortMultipartUpload: onObject('AbortMultipartUpload'),
      ListParts: onObject('ListMultipartUploadParts'),
      ListMultipartUploads: listing('ListBucketMultipartUploads'),
    },
  };
}

function bucketArn(ask: Ask): string {
  return `arn:aws:s3:::${textOf(ask, 'Bucket')}`;
}

function objectArn(ask: Ask): string {
  return `${bucketArn(ask)}/${textOf(ask, 'Key')}`;
}

function onBucket(action?: string): Rule {
  return on(bucketArn, action === undefined ? {} : { action: `s3:${action}` });
}

function onObject(action: string): Rule {
  return on(objectArn, { action: `s3:${action}` });
}

/** Confirmed by docs: a version that is named needs the action for versions. */
function versioned(action: string): Rule {
  const current = onObject(action);
  return (ask) => {
    const version = textOf(ask, 'VersionId');
    if (version === '') return current(ask);
    const name = action.replace('Object', 'ObjectVersion');
    return on(objectArn, { action: `s3:${name}`, context: () => ({ 's3:VersionId': version }) })(ask);
  };
}

function listing(action: string): Rule {
  return on(bucketArn, {
    action: `s3:${action}`,
    context: (ask) => {
      const context: Record<string, string> = { 's3:prefix': textOf(ask, 'Prefix') };
      if (textOf(ask, 'Delimiter') !== '') context['s3:delimiter'] = textOf(ask, 'Delimiter');
      if (ask.input['MaxKeys'] !== undefined) context['s3:max-keys'] = String(ask.input['MaxKeys']);
      return context;
    },
  });
}

function copySource(ask: Ask): string {
  const source = decodeURIComponent(textOf(ask, 'CopySource').replace(/\?versionId=.*$/, ''));
  return `arn:aws:s3:::${source.replace(/^\//, '')}`;
}

/** Tags on an object that is written need an action of their own. */
function taggingOf(ask: Ask): ReturnType<Rule> {
  return textOf(ask, 'Tagging') === '' ? [] : onObject('PutObjectTagging')(ask);
}

/**
 * Chosen: a key that may not be deleted refuses the whole request; AWS answers an error for that key alone.
 */
function deletions(ask: Ask): ReturnType<Rule> {
  const { Objects = [] } = (ask.input['Delete'] ?? {}) as {
    readonly Objects?: readonly { readonly Key?: string; readonly VersionId?: string }[];
  };
  return Objects.map(({ Key = '', VersionId }) => ({
    action: VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
    resource: `${bucketArn(ask)}/${Key}`,
  }));
}
