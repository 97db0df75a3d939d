import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag, yesFlag } from '../common-flags.ts';
import { runDeploy } from '../deploy/deploy.ts';

export const deploy = defineCommand({
  name: 'deploy',
  summary: 'release the service: build, publish, migrate, update the stacks',
  details: [
    'To AWS it uses your own credentials, shows what would change and asks first. The code is the same for both targets.',
    'Ctrl-C cancels an update and shows how it is rolled back; once more leaves it going on its own.',
  ],
  isPatient: true,
  flags: {
    env: environmentFlag,
    target: targetFlag,
    yes: yesFlag,
    image: {
      type: 'string',
      value: 'DIGEST',
      text: 'release this image of the repository instead of building one: sha256:…',
    },
    home: homeFlag,
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print each event as a line of JSON' },
  },
  run: runDeploy,
});
