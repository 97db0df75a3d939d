import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runLoadCommand } from '../load/load.ts';

export const load = defineCommand({
  name: 'load',
  summary: 'send open-loop load to the service through its load balancer',
  details: [
    'Requests are due at fixed times, whatever becomes of those before; a latency counts from then, so waiting is counted.',
    'Ends with 0 only if every request was answered with a status below 400.',
  ],
  flags: {
    rate: { type: 'string', value: 'N', text: 'requests per second', default: '100' },
    for: { type: 'string', value: 'TIME', text: 'how long: 30s, 2m', default: '30s' },
    path: { type: 'string', value: 'PATH', text: 'what is asked for', default: '/health' },
    connections: { type: 'string', value: 'N', text: 'at most so many at once', default: '64' },
    'new-connections': { type: 'boolean', text: 'a new connection for each request' },
    timeout: {
      type: 'string',
      value: 'TIME',
      text: 'without an answer by then a request has failed',
      default: '10s',
    },
    url: {
      type: 'string',
      value: 'URL',
      text: 'another http URL of this machine, if the region has several listeners',
    },
    home: homeFlag,
    definition: definitionFlag,
    json: { ...jsonFlag, text: 'print the report as JSON' },
  },
  run: runLoadCommand,
});
