/** How health checks are made: one effect for those that are due together, one event for those that end together. */
import type { Probe } from './check-rounds.ts';
import type { LoadBalancing, ProbeEnd } from './ports.ts';

/** The checks that are due together. */
export interface ProbeAction {
  readonly kind: 'probe';
  readonly probes: readonly Probe[];
}

/** Those that ended together. */
export interface ProbedEvent {
  readonly kind: 'probed';
  /** All that were due together. */
  readonly probes: readonly Probe[];
  readonly ends: readonly ProbeEnd[];
}

/** Makes the checks. Those that end together are reported together; resolves when all have ended. */
export async function probeAll(
  plane: Pick<LoadBalancing, 'probeAll'>,
  { probes }: ProbeAction,
  report: (event: ProbedEvent) => void,
): Promise<undefined> {
  const requests = probes.map(({ request }) => request);
  await plane.probeAll(requests, (ends) => report({ kind: 'probed', probes, ends }));
  return undefined;
}
