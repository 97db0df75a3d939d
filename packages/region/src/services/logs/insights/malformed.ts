import { AwsError } from '../../../kernel/aws-error.ts';

/** @param place offsets of what is wrong in the query */
export function malformed(
  message: string,
  place: { readonly start: number; readonly end: number },
): AwsError {
  return new AwsError('MalformedQueryException', message, {
    fields: {
      queryCompileError: {
        location: { startCharOffset: place.start, endCharOffset: place.end },
        message,
      },
    },
  });
}
