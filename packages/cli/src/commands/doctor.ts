import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag, yesFlag } from '../common-flags.ts';
import { runDoctor } from '../doctor/doctor.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'find stacks that are wedged, what happened to them, and the way out',
  details: [
    'Exit code 0 when no stack is wedged or all could be helped, 1 otherwise. --fix asks before each step, unless --yes.',
  ],
  flags: {
    stack: { type: 'string', value: 'NAME', text: 'look at this stack only' },
    fix: { type: 'boolean', text: 'go the way out: delete, continue or start a rollback, cancel an update' },
    skip: {
      type: 'string',
      value: 'IDS',
      text: 'logical ids, by commas: failed resources that the rollback passes over or the deletion keeps',
    },
    env: environmentFlag,
    target: targetFlag,
    yes: yesFlag,
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
  },
  run: runDoctor,
});
