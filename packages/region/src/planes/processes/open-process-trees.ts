import { LinuxTrees } from './linux-trees.ts';
import type { ProcessTrees } from './process-trees.ts';
import { PsTrees } from './ps-trees.ts';

export function openProcessTrees(): ProcessTrees {
  return process.platform === 'linux' ? new LinuxTrees() : new PsTrees();
}
