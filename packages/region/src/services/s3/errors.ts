import { AwsError } from '../../kernel/aws-error.ts';

// Codes and texts: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

export function noSuchBucket(bucket: string): AwsError {
  return new AwsError('NoSuchBucket', 'The specified bucket does not exist', {
    status: 404,
    fields: { BucketName: bucket },
  });
}

export function noSuchKey(key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', {
    status: 404,
    fields: { Key: key },
  });
}

export function noSuchVersion(key: string, versionId: string): AwsError {
  const fields = { Key: key, VersionId: versionId };
  return new AwsError('NoSuchVersion', 'The specified version does not exist.', { status: 404, fields });
}

export function noSuchUpload(uploadId: string): AwsError {
  const message =
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  return new AwsError('NoSuchUpload', message, { status: 404, fields: { UploadId: uploadId } });
}

export function notFound(code: string, message: string, bucket: string): AwsError {
  return new AwsError(code, message, { status: 404, fields: { BucketName: bucket } });
}

export function methodNotAllowed(): AwsError {
  return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
  });
}

export function bucketAlreadyOwnedByYou(bucket: string): AwsError {
  const message = 'Your previous request to create the named bucket succeeded and you already own it.';
  return new AwsError('BucketAlreadyOwnedByYou', message, { status: 409, fields: { BucketName: bucket } });
}

/** AWS names versions only where there can be any. */
export function bucketNotEmpty(bucket: string, isVersioned: boolean): AwsError {
  const hint = isVersioned ? '. You must delete all versions in the bucket.' : '';
  const message = `The bucket you tried to delete is not empty${hint}`;
  return new AwsError('BucketNotEmpty', message, { status: 409, fields: { BucketName: bucket } });
}

export function invalid(code: string, message: string): AwsError {
  return new AwsError(code, message);
}

export function preconditionFailed(condition: string): AwsError {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new AwsError('PreconditionFailed', message, { status: 412, fields: { Condition: condition } });
}

export function notModified(): AwsError {
  return new AwsError('NotModified', 'Not Modified', { status: 304 });
}

export function invalidRange(range: string, size: number): AwsError {
  const fields = { RangeRequested: range, ActualObjectSize: size };
  return new AwsError('InvalidRange', 'The requested range is not satisfiable', { status: 416, fields });
}
