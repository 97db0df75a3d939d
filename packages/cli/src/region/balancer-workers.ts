import { availableParallelism } from 'node:os';
import { defaultWorkers, refusedWorkers } from '@plimsoll/region/planes/load-balancer/balancer-workers.js';
import { UserError } from '../errors.ts';

/**
 * As given by the flag, else what fits the machine.
 * @throws UserError with exit code 2, naming what is allowed here
 */
export async function balancerWorkersOf(given: string | undefined): Promise<number> {
  if (given === undefined) return defaultWorkers(availableParallelism());
  const refused = await refusedWorkers(given);
  if (refused !== undefined) throw new UserError(`--balancer-workers: ${refused}`, 2);
  return Number(given);
}
