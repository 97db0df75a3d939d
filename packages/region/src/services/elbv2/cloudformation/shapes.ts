import { flag, integer, listOf, object, text } from '../../../kernel/resource-type.ts';

/** `[{ Key, Value }]`, as attributes are given. */
export const attributeList = listOf(object({ Key: text, Value: text }));

export const certificateList = listOf(object({ CertificateArn: text }));

/** The service answers all attributes there are; a template gives some of them. */
export function givenAttributes<A extends { readonly Key?: string | undefined }>(
  given: unknown,
  found: readonly A[] = [],
): readonly A[] {
  const keys = ((given ?? []) as readonly A[]).map(({ Key }) => Key);
  return found.filter(({ Key }) => keys.includes(Key));
}

/** Actions of listeners and rules. The ones that need TLS (`authenticate-*`, `jwt-validation`) are not modelled. */
export const actionList = listOf(
  object({
    Type: text,
    Order: integer,
    TargetGroupArn: text,
    ForwardConfig: object({
      TargetGroups: listOf(object({ TargetGroupArn: text, Weight: integer })),
      TargetGroupStickinessConfig: object({ Enabled: flag, DurationSeconds: integer }),
    }),
    RedirectConfig: object({
      Protocol: text,
      Port: text,
      Host: text,
      Path: text,
      Query: text,
      StatusCode: text,
    }),
    FixedResponseConfig: object({ MessageBody: text, StatusCode: text, ContentType: text }),
  }),
);

const rewrites = object({ Rewrites: listOf(object({ Regex: text, Replace: text })) });

export const transformList = listOf(
  object({ Type: text, HostHeaderRewriteConfig: rewrites, UrlRewriteConfig: rewrites }),
);

const patterns = object({ Values: listOf(text), RegexValues: listOf(text) });

export const conditionList = listOf(
  object({
    Field: text,
    Values: listOf(text),
    RegexValues: listOf(text),
    HostHeaderConfig: patterns,
    PathPatternConfig: patterns,
    HttpHeaderConfig: object({ HttpHeaderName: text, Values: listOf(text), RegexValues: listOf(text) }),
    HttpRequestMethodConfig: object({ Values: listOf(text) }),
    QueryStringConfig: object({ Values: listOf(object({ Key: text, Value: text })) }),
    SourceIpConfig: object({ Values: listOf(text) }),
  }),
);
