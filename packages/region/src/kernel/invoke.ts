import { notModelled } from './aws-error.ts';
import type { Context, Principal } from './context.ts';
import type { Instant } from './instant.ts';
import type { Operation, ServiceModule } from './service.ts';
import type { ServiceName } from './service-calls.ts';

export interface AuthorizationRequest {
  readonly caller: Principal;
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: object;
  readonly now: Instant;
  /** The service that makes this call in the course of another operation. */
  readonly via?: ServiceName;
  readonly requestId?: string;
}

/** The one way into an operation, for requests from outside and between services: known? allowed? all members modelled? */
export function invoke(
  modules: ReadonlyMap<ServiceName, ServiceModule>,
  authorize: (request: AuthorizationRequest) => void,
  ctx: Context,
  service: ServiceName,
  operation: string,
  input: object,
  via?: ServiceName,
): unknown {
  const definition = modules.get(service)?.operations[operation];
  if (!definition) throw notModelled(`${service} ${operation}`, service);
  authorize({
    caller: ctx.caller,
    service,
    operation,
    input,
    now: ctx.now,
    ...(ctx.requestId !== undefined && { requestId: ctx.requestId }),
    ...(via !== undefined && { via }),
  });
  checkMembers(ctx, `${service} ${operation}`, definition, input);
  return definition.handler(ctx, input as never);
}

function checkMembers(
  ctx: Context,
  name: string,
  definition: Operation<never, unknown>,
  input: object,
): void {
  const accepts: readonly string[] = definition.accepts;
  const ignores: { readonly [member: string]: string | undefined } = definition.ignores ?? {};
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || accepts.includes(member)) continue;
    const reason = ignores[member];
    if (reason === undefined) throw notModelled(`${name}: member ${member}`, ctx.service);
    ctx.warn('ignored-member', `${name}: ${member} is accepted but ignored: ${reason}`);
  }
}
