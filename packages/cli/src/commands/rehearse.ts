import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { runRehearse } from '../rehearse/rehearse.ts';

export const rehearse = defineCommand({
  name: 'rehearse',
  summary:
    'a saved plan on trial: applied under load to a region of its own, with a bad release and a rollback',
  arguments: [{ name: 'FILE', text: 'what `plimsoll plan --out` wrote' }],
  details: [
    'Nothing is changed where the plan is for: its stacks are read and made again in a region that goes with the rehearsal.',
    'Writes FILE.rehearsal.json and FILE.rehearsal.md. Exit code 0: it passed; 1: it did not.',
  ],
  flags: {
    target: {
      ...targetFlag,
      text: 'where the plan is for: the local region, or AWS with your own credentials',
    },
    rate: { type: 'string', value: 'N', text: 'requests per second of the load', default: '50' },
    path: { type: 'string', value: 'PATH', text: 'what the load asks for; else what the health checks ask' },
    plane: {
      type: 'string',
      value: 'PLANE',
      text: "what tasks run on: processes of this machine, or containers of Docker or Podman; else the definition's local.plane",
      choices: ['process', 'container'],
    },
    home: { ...homeFlag, text: 'home of the local region that the plan is for' },
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print the report as JSON' },
  },
  run: runRehearse,
});
