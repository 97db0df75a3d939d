import type { StackArtifact, Synthesis } from '@plimsoll/blueprint';
import { imageRepository } from './parameters.ts';

/** The stack that runs the image: the one that tells where the service is. */
export function serviceStack({ stacks }: Synthesis): StackArtifact {
  const found = stacks.find((stack) => imageRepository(stack) !== undefined);
  if (found === undefined) throw new Error('no stack of the synthesis runs an image');
  return found;
}
