import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import { UserError } from '../errors.ts';
import type { LocalSession } from '../session.ts';
import { awsTarget, type Target } from './clients.ts';

/** What a deployment goes to: the target, and for a local one its endpoint. */
export interface Destination {
  readonly target: Target;
  readonly endpoint?: string;
}

/** @throws UserError if the region that runs is another one */
export function destinationFor(resolved: ResolvedEnvironment, local: LocalSession | undefined): Destination {
  if (local === undefined) return { target: awsTarget(resolved.region) };
  if (local.record.region === resolved.region)
    return { target: local.target, endpoint: local.record.endpoint };
  throw new UserError([
    `The region that runs is ${local.record.region}; ${resolved.environment} is in ${resolved.region}.`,
    `Start one for it: plimsoll up --env ${resolved.environment} --home DIR --port PORT --http-port PORT`,
  ]);
}
