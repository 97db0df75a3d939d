import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runDashboard } from '../dashboard/dashboard.ts';

export const dashboard = defineCommand({
  name: 'dashboard',
  summary: 'a dashboard of CloudWatch as a page: graphs, numbers and alarms as they are now',
  arguments: [{ name: 'NAME', text: 'which one; without it all are listed' }],
  details: [
    'Prints where the running region shows it. The page needs nothing else: it can be saved and sent.',
  ],
  flags: {
    open: { type: 'boolean', text: 'open it in the browser' },
    save: { type: 'string', value: 'FILE', text: 'write the page to a file' },
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
  },
  run: runDashboard,
});
