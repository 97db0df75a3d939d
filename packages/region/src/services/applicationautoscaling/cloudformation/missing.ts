import { AwsError } from '../../../kernel/aws-error.ts';

/** A deletion does not fail for what is gone already. */
export function ignoreMissing(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ObjectNotFoundException') throw error;
  }
}
