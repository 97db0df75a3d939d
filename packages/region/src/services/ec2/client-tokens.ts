import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { idempotentParameterMismatch } from './errors.ts';
import type { Ec2State } from './state.ts';

const forgetSeconds = 24 * 3600;

/**
 * Makes something once per client token: a repeated request gets the ids that the first one made.
 * Confirmed by docs: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 * Chosen: a token is remembered for a day.
 */
export function once(
  ctx: Context,
  state: Ec2State,
  operation: string,
  input: { readonly ClientToken?: string | undefined },
  make: () => readonly string[],
): readonly string[] {
  const { ClientToken, ...request } = input;
  if (ClientToken === undefined) return make();
  const key = `${operation}/${ClientToken}`;
  const known = state.clientTokens.get(key);
  const parameters = JSON.stringify(request);
  if (known && known.parameters !== parameters) throw idempotentParameterMismatch();
  if (known) return known.ids;
  const ids = make();
  state.clientTokens.put(key, { parameters, ids });
  ctx.timers.set(key, 'token-forgotten', after(ctx.now, forgetSeconds));
  return ids;
}
