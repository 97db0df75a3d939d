import type { ResolvedEnvironment } from './resolved-environment.ts';
import type { ServiceDefinition } from './service-definition.ts';

/**
 * What the definition says and the stacks do not yet say: accepted, checked, and announced so that nobody believes it in
 * force. Only what the user wrote is announced, never a default.
 */
export function notEmitted(definition: ServiceDefinition, resolved: ResolvedEnvironment): readonly string[] {
  const { environment } = resolved;
  const written = { ...definition.scaling, ...definition.environments[environment]?.scaling };
  const rows: readonly (readonly [boolean, string, string])[] = [
    [written.max !== undefined, 'scaling.max', 'the service stays at its desired count'],
    [written.cpu !== undefined, 'scaling.cpu', 'the service stays at its desired count'],
    [written.schedule !== undefined, 'scaling.schedule', 'the service runs at all hours'],
    [resolved.domain !== undefined, 'domain', "the service answers at its load balancer's name"],
    [resolved.alarms !== undefined, 'alarms', 'nobody is told'],
    [resolved.cache !== undefined, 'cache', 'there is no cache'],
    [resolved.regions.length > 1, 'regions', `only ${resolved.region} is synthesized`],
  ];
  return rows
    .filter(([said]) => said)
    .map(([, option, effect]) => `${environment}: ${option} is not emitted yet: ${effect}.`);
}
