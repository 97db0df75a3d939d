import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runLogs } from '../logs/logs.ts';

export const logs = defineCommand({
  name: 'logs',
  summary: 'what the tasks write',
  flags: {
    follow: { type: 'boolean', text: 'go on until Ctrl-C', short: 'f' },
    since: {
      type: 'string',
      value: 'TIME',
      text: 'from then on: 90s, 15m, 2h, 1d or an ISO 8601 time',
      default: '1h',
    },
    filter: { type: 'string', value: 'PATTERN', text: 'a filter pattern of CloudWatch Logs' },
    home: homeFlag,
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print each event as a line of JSON' },
  },
  run: runLogs,
});
