import { defineCommand } from '../command.ts';
import { definitionFlag, environmentFlag, homeFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { runPlan } from '../plan/plan.ts';

export const plan = defineCommand({
  name: 'plan',
  summary: 'what a deployment would change, over all stacks, and why; saved, to be applied exactly so',
  details: [
    'Nothing is changed. Exit code 0: nothing would change; 2: something would; 1: there is no plan, and why.',
    'Where data would be lost there is no plan, unless each such resource is named by --allow-data-loss.',
  ],
  flags: {
    env: environmentFlag,
    out: {
      type: 'string',
      value: 'FILE',
      text: 'save the plan there, for `plimsoll show` and `plimsoll apply`',
    },
    target: targetFlag,
    image: {
      type: 'string',
      value: 'DIGEST',
      text: 'an image of the repository instead of building one: sha256:…',
    },
    'allow-data-loss': {
      type: 'string',
      value: 'RESOURCES',
      text: 'logical ids that may lose their data, with commas',
    },
    destroy: { type: 'boolean', text: 'plan the removal of the environment' },
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
    markdown: { type: 'boolean', text: 'print Markdown, for a pull request' },
  },
  run: runPlan,
});
