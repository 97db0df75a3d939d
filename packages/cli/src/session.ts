import type { Host } from './command.ts';
import { localTarget, type Target } from './deploy/clients.ts';
import { homeOf, type RegionRecord } from './region/home.ts';
import { requireRegion } from './region/running-region.ts';
import { findDefinition } from './synth/find-definition.ts';

/** A running local region, and how to talk to it. */
export interface LocalSession {
  readonly home: string;
  readonly record: RegionRecord;
  readonly target: Target;
}

export interface LocalFlags {
  readonly home: string | undefined;
  readonly definition: string | undefined;
}

/** The home that the flags mean. */
export function homeFor(host: Host, flags: LocalFlags): string {
  const definition = (): string => findDefinition(host.cwd, flags.definition);
  return homeOf({ given: flags.home, env: host.env, cwd: host.cwd, definition });
}

/** @throws UserError if no region runs from the home */
export async function localSession(host: Host, flags: LocalFlags): Promise<LocalSession> {
  const home = homeFor(host, flags);
  const record = await requireRegion(home);
  return { home, record, target: localTarget(record.endpoint, record.region) };
}
