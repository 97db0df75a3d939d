/** How health checks are made: one effect for those that are due together, one event for those that end together. */
import type { LoadBalancing, ProbeOutcome, ProbeRequest } from './ports.ts';

/** The checks that are due together. */
export interface ProbeAction {
  readonly kind: 'probe';
  readonly probes: readonly Probe[];
}

export interface Probe {
  readonly target: string;
  readonly registration: string;
  readonly request: ProbeRequest;
}

/** Those that ended together. */
export interface ProbedEvent {
  readonly kind: 'probed';
  readonly probes: readonly Probed[];
}

export interface Probed extends Probe {
  readonly outcome: ProbeOutcome;
}

/** Makes the checks. Those that end together are reported together; resolves when all have ended. */
export function probeAll(
  plane: Pick<LoadBalancing, 'probe'>,
  { probes }: ProbeAction,
  report: (event: ProbedEvent) => void,
): Promise<undefined> {
  return new Promise((resolve, reject) => {
    let waiting = probes.length;
    let ended: Probed[] = [];
    const tell = (): void => {
      report({ kind: 'probed', probes: ended });
      ended = [];
      if (waiting === 0) resolve(undefined);
    };
    for (const probe of probes) {
      plane.probe(probe.request).then((outcome) => {
        waiting -= 1;
        ended.push({ ...probe, outcome });
        if (ended.length === 1) void Promise.resolve().then(tell);
      }, reject);
    }
  });
}
