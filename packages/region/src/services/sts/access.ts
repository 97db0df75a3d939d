import {
  type Ask,
  all,
  needsNothing,
  on,
  type Rule,
  type ServiceAccess,
  textOf,
  textsOf,
} from '../../kernel/access.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html */
export const stsAccess: ServiceAccess = {
  prefix: 'sts',
  operations: {
    // Confirmed by docs: it works even where a policy denies it.
    // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    GetCallerIdentity: needsNothing,
    // Confirmed by docs: a user needs no permission to get credentials of its own.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
    GetSessionToken: needsNothing,
    // Unsigned: the role's trust policy decides, see web-identity.ts.
    AssumeRoleWithWebIdentity: needsNothing,
    AssumeRole: all(aboutRole('sts:AssumeRole'), (ask) =>
      Array.isArray(ask.input['Tags']) && ask.input['Tags'].length > 0
        ? aboutRole('sts:TagSession')(ask)
        : [],
    ),
  },
};

function aboutRole(action: string): Rule {
  return on((ask) => textOf(ask, 'RoleArn') || '*', { action, context: sessionContext });
}

function sessionContext(ask: Ask): Record<string, string | readonly string[]> {
  const context: Record<string, string | readonly string[]> = {
    'sts:RoleSessionName': textOf(ask, 'RoleSessionName'),
  };
  if (textOf(ask, 'ExternalId') !== '') context['sts:ExternalId'] = textOf(ask, 'ExternalId');
  if (textOf(ask, 'SourceIdentity') !== '') context['sts:SourceIdentity'] = textOf(ask, 'SourceIdentity');
  const transitive = textsOf(ask, 'TransitiveTagKeys');
  if (transitive.length > 0) context['sts:TransitiveTagKeys'] = transitive;
  return context;
}
