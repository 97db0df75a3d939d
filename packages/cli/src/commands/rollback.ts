import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag, yesFlag } from '../common-flags.ts';
import { runRollback } from '../releases/rollback.ts';

export const rollback = defineCommand({
  name: 'rollback',
  summary: 'back to an earlier release, without downtime',
  arguments: [
    {
      name: 'RELEASE',
      text: 'its number in `plimsoll releases`, or how its digest begins; else the last successful one before',
    },
  ],
  details: [
    'The same update of the stack as in a deployment, with the image of that release and the template that is deployed.',
    'Nothing is built; no migration runs and none is taken back: the database stays as it is.',
  ],
  isPatient: true,
  flags: {
    env: environmentFlag,
    target: targetFlag,
    yes: yesFlag,
    home: homeFlag,
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print each event as a line of JSON' },
  },
  run: runRollback,
});
