import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmRegion, cpu, topic } from './testing/alarm-region.ts';

type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

async function region(alarms: readonly string[] = ['a', 'b']) {
  const made = alarmRegion();
  // Without data and with `ignore` they stay where they are put.
  for (const name of alarms) {
    const quiet = { ...cpu, AlarmName: name, TreatMissingData: 'ignore' } as const;
    await made.call('cloudwatch', 'putMetricAlarm', quiet);
  }
  const set = (name: string, StateValue: State) =>
    made.call('cloudwatch', 'setAlarmState', { AlarmName: name, StateValue, StateReason: 'set' });
  for (const name of alarms) await set(name, 'OK');
  const composite = (AlarmName: string, AlarmRule: string, rest: object = {}) =>
    made.call('cloudwatch', 'putCompositeAlarm', {
      AlarmName,
      AlarmRule,
      AlarmActions: [topic],
      OKActions: [topic],
      ...rest,
    });
  const state = async (name: string) => (await made.describe(name))?.StateValue;
  const subjects = () => made.published.splice(0).map(({ Subject }) => Subject.split(' in ')[0]);
  return { ...made, set, composite, state, subjects };
}

test('a composite alarm is evaluated when it is made, and follows its children', async () => {
  const { set, composite, describe: read, subjects } = await region();
  await composite('both', 'ALARM("a") AND ALARM(b)');
  const arn = (name: string) => `arn:aws:cloudwatch:eu-central-1:000000000000:alarm:${name}`;
  assert.equal(
    (await read('both'))?.StateReason,
    `${arn('both')} was created and its alarm rule evaluates to OK`,
  );
  subjects();
  await set('a', 'ALARM');
  assert.deepEqual(subjects(), []);
  await set('b', 'ALARM');
  const alarm = await read('both');
  assert.deepEqual(
    [alarm?.StateValue, alarm?.StateReason, subjects()],
    [
      'ALARM',
      `${arn('b')} transitioned to ALARM at Sunday 22 November, 2026 12:00:00 UTC`,
      ['ALARM: "both"'],
    ],
  );
  const timestamp = '2026-11-22T12:00:00.000+0000';
  assert.deepEqual(JSON.parse(alarm?.StateReasonData ?? ''), {
    triggeringAlarms: ['a', 'b'].map((name) => ({ arn: arn(name), state: { value: 'ALARM', timestamp } })),
  });
});

test('composites of composites settle in one step, inner ones first', async () => {
  const { set, composite, state, subjects } = await region();
  await composite('outer-later', 'TRUE');
  await composite('inner', 'ALARM(a)');
  await composite('outer-later', 'ALARM(a) AND NOT ALARM(inner)');
  subjects();
  await set('a', 'ALARM');
  assert.deepEqual(
    [await state('inner'), await state('outer-later'), subjects()],
    ['ALARM', 'OK', ['ALARM: "inner"']],
  );
});

test('composites that depend on each other are not evaluated any more', async () => {
  const { set, composite, state } = await region();
  await composite('one', 'ALARM(a)');
  await composite('two', 'ALARM(one)');
  await composite('one', 'ALARM(a) OR ALARM(two)');
  await set('a', 'ALARM');
  assert.deepEqual([await state('one'), await state('two')], ['OK', 'OK']);
  await composite('one', 'ALARM(a)');
  assert.deepEqual([await state('one'), await state('two')], ['ALARM', 'ALARM']);
});

test('an alarm on which a composite depends cannot be deleted', async () => {
  const { call, composite } = await region();
  await composite('c', 'ALARM(a)');
  await assert.rejects(
    call('cloudwatch', 'deleteAlarms', { AlarmNames: ['a'] }),
    /Cannot delete a as there are composite alarm\(s\) depending on it/,
  );
  await call('cloudwatch', 'deleteAlarms', { AlarmNames: ['c', 'a'] });
});

test('a rule on an alarm that is not there is refused', async () => {
  const { composite } = await region();
  await assert.rejects(
    composite('c', 'ALARM(nowhere)'),
    /Could not save the composite alarm as alarms \[nowhere\] in the alarm rule do not exist/,
  );
});

describe('suppression', () => {
  const suppressed = {
    ActionsSuppressor: 's',
    ActionsSuppressorWaitPeriod: 60,
    ActionsSuppressorExtensionPeriod: 30,
  };
  const start = async () => {
    const made = await region(['a', 's']);
    await made.composite('c', 'ALARM(a)', suppressed);
    made.subjects();
    const by = async () => {
      const alarm = await made.describe('c');
      return alarm && 'ActionsSuppressedBy' in alarm ? alarm.ActionsSuppressedBy : undefined;
    };
    return { ...made, by };
  };

  test('ALARM waits for its suppressor, and acts when that does not come', async () => {
    const { set, advance, subjects, by, state } = await start();
    await set('a', 'ALARM');
    assert.deepEqual([await state('c'), await by(), subjects()], ['ALARM', 'WaitPeriod', []]);
    await advance(59);
    assert.deepEqual(subjects(), []);
    await advance(1);
    assert.deepEqual([await by(), subjects()], [undefined, ['ALARM: "c"']]);
  });

  test('a suppressor that comes in time holds the actions back until its extension is over', async () => {
    const { set, advance, subjects, by } = await start();
    await set('a', 'ALARM');
    await advance(30);
    await set('s', 'ALARM');
    assert.equal(await by(), 'Alarm');
    await advance(600);
    await set('s', 'OK');
    assert.deepEqual([await by(), subjects()], ['ExtensionPeriod', []]);
    await advance(30);
    assert.deepEqual([await by(), subjects()], [undefined, ['ALARM: "c"']]);
  });

  test('what came and went behind a suppressor is never told', async () => {
    const { set, advance, subjects } = await start();
    await set('s', 'ALARM');
    await set('a', 'ALARM');
    await advance(100);
    await set('a', 'OK');
    await set('s', 'OK');
    await advance(100);
    assert.deepEqual(subjects(), []);
  });

  test('a return within the wait tells nothing', async () => {
    const { set, advance, subjects, by } = await start();
    await set('a', 'ALARM');
    await advance(10);
    await set('a', 'OK');
    await advance(100);
    assert.deepEqual([await by(), subjects()], [undefined, []]);
  });

  test('a suppressor that returns within the extension suppresses on', async () => {
    const { set, advance, subjects, by } = await start();
    await set('s', 'ALARM');
    await set('a', 'ALARM');
    await set('s', 'OK');
    await advance(20);
    await set('s', 'ALARM');
    await advance(60);
    assert.deepEqual([await by(), subjects()], ['Alarm', []]);
  });
});
