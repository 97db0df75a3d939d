import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { awsTarget, type Target } from '../deploy/clients.ts';
import { UserError } from '../errors.ts';
import { localSession } from '../session.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { readDefinition } from '../synth/synthesize.ts';

export interface TargetFlags {
  readonly env: string;
  readonly target: string;
  readonly home: string | undefined;
  readonly definition: string | undefined;
}

export interface OpenTarget {
  readonly resolved: ResolvedEnvironment;
  readonly target: Target;
}

/**
 * The environment of the definition and where it is deployed; nothing is synthesized.
 * @throws UserError if the definition is wrong, or the region that runs is another
 */
export async function openTarget(host: Host, flags: TargetFlags): Promise<OpenTarget> {
  const definition = findDefinition(host.cwd, flags.definition);
  const local = flags.target === 'local' ? await localSession(host, flags) : undefined;
  const resolved = await readDefinition({ definition, environment: flags.env }, host.signal);
  if (local === undefined) return { resolved, target: awsTarget(resolved.region) };
  if (local.record.region === resolved.region) return { resolved, target: local.target };
  throw new UserError(
    `The region that runs is ${local.record.region}; ${resolved.environment} is in ${resolved.region}.`,
  );
}
