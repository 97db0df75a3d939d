import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runIam } from '../iam/iam.ts';

export const iam = defineCommand({
  name: 'iam',
  summary: 'why the region denied a request, and what roles were granted and never used',
  arguments: [
    { name: 'ACTION', text: 'why, or unused; without one the newest denials are listed' },
    { name: 'SUBJECT', text: 'with why: the request id of the error; with unused: a role, else all of them' },
  ],
  details: [
    'why tells who asked for what, which policies were looked at, and the statement that is missing.',
    'unused compares what policies grant with what was used since the region started: run some load first.',
    'Both are kept in memory, the newest 500 denials of them.',
  ],
  flags: { home: homeFlag, definition: definitionFlag, json: jsonFlag },
  run: runIam,
});
