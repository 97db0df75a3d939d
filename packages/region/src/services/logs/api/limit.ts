import { invalidParameter } from '../errors.ts';

/** How much a page holds: what was asked for, or as much as there may be. Confirmed by API text: more is refused. */
export function pageLimit(given: number | undefined, most: number): number {
  if (given === undefined) return most;
  if (given >= 1 && given <= most) return given;
  const rule = given < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`;
  throw invalidParameter(
    `1 validation error detected: Value '${given}' at 'limit' failed to satisfy constraint: Member must have value ${rule}`,
  );
}
