/** A health check's `HttpCode`: `200`, `200,302`, `200-299`, or a mixture. */
const PATTERN = /^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$/;

/** Confirmed by docs: codes 200 to 499, lists and ranges. */
export function isMatcher(text: string): boolean {
  return PATTERN.test(text);
}

/** A health check's `GrpcCode`. */
const GRPC_PATTERN = /^\d{1,2}(-\d{1,2})?(,\d{1,2}(-\d{1,2})?)*$/;

/** Confirmed by docs: codes 0 to 99, lists and ranges. */
export function isGrpcMatcher(text: string): boolean {
  return GRPC_PATTERN.test(text);
}

export function matchesCode(matcher: string, code: number): boolean {
  if (matcher === String(code)) return true;
  return matcher.split(',').some((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return from !== undefined && to !== undefined && code >= from && code <= to;
  });
}
