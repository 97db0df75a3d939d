import type { ResolvedEnvironment } from './resolved-environment.ts';

/**
 * What the definition says and the stacks do not yet say: accepted, checked, and announced so that nobody believes it in
 * force. Only what the user wrote is announced, never a default.
 */
export function notEmitted(resolved: ResolvedEnvironment): readonly string[] {
  const { environment } = resolved;
  const rows: readonly (readonly [boolean, string, string])[] = [
    [resolved.domain !== undefined, 'domain', "the service answers at its load balancer's name"],
    [resolved.cache !== undefined, 'cache', 'there is no cache'],
    [resolved.regions.length > 1, 'regions', `only ${resolved.region} is synthesized`],
  ];
  return rows
    .filter(([said]) => said)
    .map(([, option, effect]) => `${environment}: ${option} is not emitted yet: ${effect}.`);
}
