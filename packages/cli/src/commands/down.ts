import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, yesFlag } from '../common-flags.ts';
import { runDown } from '../region/down.ts';

export const down = defineCommand({
  name: 'down',
  summary: 'end the local region; its data stays unless --destroy is given',
  details: [
    '--destroy deletes every stack of the region through CloudFormation, lifting its protections after saying so, tells',
    'what is kept and why, then ends the region and removes its home. On a terminal it asks first.',
  ],
  flags: {
    destroy: { type: 'boolean', text: 'delete the stacks and remove the data' },
    yes: yesFlag,
    home: homeFlag,
    definition: definitionFlag,
  },
  run: runDown,
});
