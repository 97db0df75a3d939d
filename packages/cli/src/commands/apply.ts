import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag, targetFlag } from '../common-flags.ts';
import { runApply } from '../plan/apply.ts';

export const apply = defineCommand({
  name: 'apply',
  summary: 'a saved plan, exactly; or a refusal that says what has moved since',
  arguments: [{ name: 'FILE', text: 'what `plimsoll plan --out` wrote' }],
  details: [
    'One plan at a time per environment. An apply that was interrupted goes on when it is called again with the same plan.',
    'Exit code 0: applied; 1: refused, or a stack failed, with where things stand; 130: interrupted, and to be called again.',
  ],
  isPatient: true,
  flags: {
    'require-rehearsal': {
      type: 'boolean',
      text: 'refuse a plan without the report of a rehearsal that it passed, FILE.rehearsal.json',
    },
    target: targetFlag,
    home: homeFlag,
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print each event as a line of JSON' },
  },
  run: runApply,
});
