import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineCommand } from './command.ts';
import { helpOf, overview } from './help.ts';

const sail = defineCommand({
  name: 'sail',
  summary: 'go out',
  details: ['With the tide.'],
  flags: {
    to: { type: 'string', value: 'PORT', text: 'where to', choices: ['rio', 'oslo'], default: 'rio' },
    yes: { type: 'boolean', text: 'do not ask', short: 'y' },
  },
  run: async () => 0,
});

test('the help of a command shows each flag with its choices and default', () => {
  assert.equal(
    helpOf(sail),
    [
      'plimsoll sail: go out',
      '',
      'Usage: plimsoll sail [FLAGS]',
      '',
      '  --to PORT  where to (rio or oslo; default rio)',
      '  --yes, -y  do not ask',
      '  --help     show this',
      '',
      'With the tide.',
    ].join('\n'),
  );
});

test('the overview lists the commands', () => {
  assert.match(overview([sail]), /\n {2}sail {2}go out\n/);
});
