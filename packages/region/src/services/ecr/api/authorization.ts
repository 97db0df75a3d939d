import type { GetAuthorizationTokenRequest, GetAuthorizationTokenResponse } from '@aws-sdk/client-ecr';
import type { Context, Principal } from '../../../kernel/context.ts';
import { after, type Instant, toDate } from '../../../kernel/instant.ts';
import type { EcrState } from '../state.ts';
import type { RegistryHost } from './repositories.ts';

// Confirmed by docs: a token is valid for 12 hours. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
const validSeconds = 12 * 60 * 60;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function getAuthorizationToken(
  ctx: Context,
  state: EcrState,
  host: RegistryHost,
  input: GetAuthorizationTokenRequest,
): GetAuthorizationTokenResponse {
  dropExpired(state, ctx.now);
  const password = ctx.secrets.text(64, alphabet);
  const expiresAt = after(ctx.now, validSeconds);
  state.tokens.put(password, { password, expiresAt, principal: ctx.caller });
  const registries = input.registryIds?.length ? input.registryIds : [ctx.accountId];
  return {
    authorizationData: registries.map(() => ({
      authorizationToken: btoa(`AWS:${password}`),
      expiresAt: toDate(expiresAt),
      proxyEndpoint: `http://${host()}`,
    })),
  };
}

export function authenticate(state: EcrState, now: Instant, password: string): Principal | undefined {
  const token = state.tokens.get(password);
  return token !== undefined && token.expiresAt > now ? token.principal : undefined;
}

function dropExpired(state: EcrState, now: Instant): void {
  for (const { password } of state.tokens.filter(({ expiresAt }) => expiresAt <= now))
    state.tokens.delete(password);
}
