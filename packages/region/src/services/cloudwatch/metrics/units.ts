import { StandardUnit } from '@aws-sdk/client-cloudwatch';

const units: ReadonlySet<string> = new Set(Object.values(StandardUnit));

/** What is wrong with a unit. Confirmed by user reports (PutMetricData): the text. */
export function unitFault(unit: string | undefined, parameter: string): string | undefined {
  if (unit === undefined || units.has(unit)) return undefined;
  return `The parameter ${parameter} must be a value in the set [ ${[...units].join(', ')} ].`;
}
