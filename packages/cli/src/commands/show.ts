import { defineCommand } from '../command.ts';
import { jsonFlag } from '../common-flags.ts';
import { runShow } from '../plan/show.ts';

export const show = defineCommand({
  name: 'show',
  summary: 'a saved plan, as it was shown when it was made',
  arguments: [{ name: 'FILE', text: 'what `plimsoll plan --out` wrote' }],
  flags: { json: jsonFlag, markdown: { type: 'boolean', text: 'print Markdown, for a pull request' } },
  run: runShow,
});
