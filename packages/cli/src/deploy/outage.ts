/** The way to AWS, or to the region, is lost for a while: CloudFormation goes on meanwhile, and so does whoever watches it. */
import { codeOf, Interrupted, messageOf, nameOf } from '../errors.ts';
import { pause } from '../wait.ts';
import type { Operation } from './operation.ts';

/** Chosen: as long as a person who sees it may take to mend it; a local region comes back soon or not at all. */
const patienceMs = { aws: 5 * 60_000, local: 30_000 } as const;

const codes =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;

/** Whether the request was never answered. */
export function isOutage(error: unknown): boolean {
  return codes.test(codeOf(error) ?? '') || nameOf(error) === 'TimeoutError';
}

/**
 * Does what only looks, again and again while nobody answers.
 * @throws Interrupted when that has lasted too long, or the user ends it
 */
export async function throughOutage<T>(
  operation: Operation,
  stack: string,
  look: () => Promise<T>,
): Promise<T> {
  const { report, target, signal, resumedBy = 'plimsoll deploy' } = operation;
  const until = performance.now() + patienceMs[target.kind];
  for (let isTold = false; ; isTold = true) {
    try {
      const seen = await look();
      if (isTold) report({ kind: 'note', text: `  ${stack}: answered again` });
      return seen;
    } catch (error) {
      if (!isOutage(error)) throw error;
      const goesOn = `CloudFormation goes on with the stack ${stack}`;
      if (performance.now() > until)
        throw new Interrupted(
          `Nobody answers: ${messageOf(error) || codeOf(error)}. ${goesOn}; \`${resumedBy}\` takes it up again.`,
        );
      if (!isTold) report({ kind: 'note', text: `  ${stack}: nobody answers; ${goesOn}. Trying again …` });
      await pause(Math.max(target.pollMs, 500), signal).catch(() => {
        throw new Interrupted(`Stopped watching. ${goesOn}; \`${resumedBy}\` takes it up again.`);
      });
    }
  }
}
