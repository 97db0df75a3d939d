import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofResource, ofStack } from '../testing/stack-event.ts';
import { durationText, eventText, statusColour } from './event-line.ts';
import { ProgressView } from './progress-view.ts';
import { readyTable } from './ready-table.ts';
import { Terminal } from './terminal.ts';

function terminal(options: { readonly isTTY?: boolean; readonly env?: Readonly<Record<string, string>> }) {
  const written: string[] = [];
  const stream = {
    write: (text: string) => written.push(text),
    isTTY: options.isTTY ?? false,
    columns: 40,
  };
  return {
    terminal: new Terminal({ out: stream, err: stream, env: options.env ?? {} }),
    text: () => written.join(''),
  };
}

const esc = '\u001b';

test('without a terminal nothing but lines is written', () => {
  const { terminal: plain, text } = terminal({});
  plain.show(['working']);
  plain.print(plain.paint('red', 'done'));
  assert.equal(text(), 'done\n');
});

test('on a terminal a block is drawn below the lines and goes when it is empty', () => {
  const { terminal: live, text } = terminal({ isTTY: true });
  live.show(['one', 'two']);
  live.print('line');
  live.show([]);
  assert.equal(text(), `one\ntwo\n${esc}[2A${esc}[0Jline\none\ntwo\n${esc}[2A${esc}[0J`);
});

test('lines of the block are cut to the width, colours left whole', () => {
  const { terminal: live, text } = terminal({ isTTY: true });
  live.show([`${live.paint('green', 'x'.repeat(60))}`]);
  assert.equal(text(), `${esc}[32m${'x'.repeat(39)}${esc}[39m\n`);
});

test('NO_COLOR takes the colours from a terminal, FORCE_COLOR gives them to a file', () => {
  assert.equal(terminal({ isTTY: true, env: { NO_COLOR: '1' } }).terminal.paint('red', 'a'), 'a');
  assert.notEqual(terminal({ env: { FORCE_COLOR: '1' } }).terminal.paint('red', 'a'), 'a');
  assert.equal(terminal({ env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).terminal.paint('red', 'a'), 'a');
});

test('failures and rollbacks are red, what is over green, what goes on cyan', () => {
  assert.equal(statusColour('UPDATE_ROLLBACK_COMPLETE'), 'red');
  assert.equal(statusColour('CREATE_FAILED'), 'red');
  assert.equal(statusColour('UPDATE_COMPLETE'), 'green');
  assert.equal(statusColour('CREATE_IN_PROGRESS'), 'cyan');
  assert.equal(statusColour('DELETE_SKIPPED'), 'yellow');
});

test('an event is shown with its reason, unless that says nothing', () => {
  assert.equal(
    eventText(ofResource('Vpc', 'CREATE_FAILED', 'no more VPCs')),
    'CREATE_FAILED    AWS::EC2::VPC  Vpc  no more VPCs',
  );
  assert.equal(
    eventText(ofResource('Vpc', 'CREATE_IN_PROGRESS', 'Resource creation Initiated')),
    'CREATE_IN_PROGRESS  AWS::EC2::VPC  Vpc',
  );
});

test('a rollback that was asked for has come to a good end', () => {
  const { terminal: plain, text } = terminal({});
  const view = new ProgressView(plain, { isRollbackWanted: true });
  view.report({ kind: 'stack-ended', stack: 'shop', status: 'UPDATE_ROLLBACK_COMPLETE' });
  view.report({ kind: 'stack-ended', stack: 'shop', status: 'UPDATE_ROLLBACK_FAILED' });
  view.close();
  assert.deepEqual(text().split('\n'), [
    '✔ shop: UPDATE_ROLLBACK_COMPLETE',
    '✖ shop: UPDATE_ROLLBACK_FAILED',
    '',
  ]);
});

test('durations are short and never finer than one can wait', () => {
  const shown = [0, 449, 9_900, 12_400, 59_400, 59_600, 185_000].map(durationText);
  assert.deepEqual(shown, ['0.0 s', '0.4 s', '9.9 s', '12 s', '59 s', '1 min 0 s', '3 min 5 s']);
});

test('a deployment in plain lines: the stack, each resource at its end, the rollback, the end', () => {
  const { terminal: plain, text } = terminal({});
  const view = new ProgressView(plain);
  const { report } = view;
  report({ kind: 'stack-started', stack: 'shop', verb: 'create' });
  for (const event of [
    ofStack('CREATE_IN_PROGRESS'),
    ofResource('Vpc', 'CREATE_IN_PROGRESS'),
    ofResource('Vpc', 'CREATE_FAILED', 'no'),
    ofStack('ROLLBACK_IN_PROGRESS'),
    ofStack('ROLLBACK_COMPLETE'),
  ])
    report({ kind: 'stack-event', stack: 'shop', event });
  report({ kind: 'stack-ended', stack: 'shop', status: 'ROLLBACK_COMPLETE' });
  view.close();
  assert.deepEqual(text().split('\n'), [
    '… shop: creating',
    '  shop  CREATE_FAILED    AWS::EC2::VPC  Vpc  no',
    '  shop  ROLLBACK_IN_PROGRESS  AWS::CloudFormation::Stack  shop',
    '✖ shop: ROLLBACK_COMPLETE',
    '',
  ]);
});

const ready = {
  service: 'shop',
  environment: 'local',
  region: 'eu-central-1',
  accountId: '000000000000',
  serviceUrl: 'http://localhost:8080',
  healthPath: '/health',
  endpoint: 'http://127.0.0.1:4566',
  database: { host: '127.0.0.1', port: 5433, name: 'shop', user: 'postgres', secretArn: 'arn:x' },
  home: '/app/.plimsoll',
  folder: 'apps/shop',
  isDetached: false,
  isAtZero: false,
  took: '8.1 s',
};

test('the closing table of a service at zero says so', () => {
  const lines = readyTable(
    { ...ready, isAtZero: true, hours: 'at zero until Monday' },
    (_colour, text) => text,
  );
  assert.ok(lines.includes('shop (local) is deployed, at zero, after 8.1 s.'));
  assert.ok(lines.includes('  Schedule    at zero until Monday'));
});

test('the closing table has all that one needs next and no password', () => {
  const lines = readyTable(ready, (_colour, text) => text).join('\n');
  for (const part of [
    'shop (local) is up after 8.1 s.',
    'curl -i http://localhost:8080/health',
    'psql "host=127.0.0.1 port=5433 dbname=shop user=postgres"',
    'AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=eu-central-1',
    "get-secret-value --secret-id 'arn:x'",
    'Try next, in apps/shop:',
    'Stop: Ctrl-C',
  ])
    assert.ok(lines.includes(part), part);
});
