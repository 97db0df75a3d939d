import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { runDrift } from '../plan/drift-command.ts';

export const drift = defineCommand({
  name: 'drift',
  summary: 'what was changed by hand in what the stacks made',
  details: [
    'CloudFormation compares what templates give with what is there; types that it cannot compare are left out.',
    'Exit code 0: nothing was changed; 2: something was.',
  ],
  flags: {
    env: environmentFlag,
    target: targetFlag,
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
  },
  run: runDrift,
});
