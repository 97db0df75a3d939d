import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childrenOf, holds, parseRule } from './rule.ts';

const states = { a: 'ALARM', o: 'OK', i: 'INSUFFICIENT_DATA', 'two words': 'ALARM', 'q"q': 'ALARM' } as const;
const stateOf = (name: string) => states[name as keyof typeof states];

for (const [rule, expected] of [
  ['ALARM(a)', true],
  ['OK(a)', false],
  ['OK(o)', true],
  ['INSUFFICIENT_DATA("i")', true],
  ['ALARM("two words")', true],
  ['ALARM("q\\"q")', true],
  ['ALARM("arn:aws:cloudwatch:eu-central-1:000000000000:alarm:a")', true],
  ['TRUE', true],
  ['NOT TRUE', false],
  ['NOT NOT ALARM(a)', true],
  ['TRUE OR TRUE AND FALSE', true],
  ['(TRUE OR TRUE) AND FALSE', false],
  ['NOT FALSE AND TRUE', true],
  ['  ALARM( a )AND(OK(o)OR FALSE) ', true],
  ['ALARM(gone)', false],
  ['AT_LEAST(2, ALARM, (a, o, "two words"))', true],
  ['AT_LEAST(2, ALARM, (a, o, i))', false],
  ['AT_LEAST("50%", NOT OK, (a, o, i))', true],
  ['AT_LEAST(67%, OK, (a, o)) OR FALSE', false],
  ['NOT AT_LEAST(1, OK, (a))', true],
] as const) {
  test(`the rule ${rule} is ${expected}`, () => assert.equal(holds(parseRule(rule), stateOf), expected));
}

for (const rule of [
  '',
  'ALARM',
  'ALARM()',
  'ALARM(a',
  'ALARM(a) OR',
  'AND TRUE',
  'WARN(a)',
  'TRUE TRUE',
  'ALARM("a)',
  'AT_LEAST(3, ALARM, (a, o))',
  'AT_LEAST(0, ALARM, (a))',
  'AT_LEAST(1, ALARM, a)',
  'ALARM(a, b)',
]) {
  test(`the rule ${rule || '(empty)'} is refused`, () => assert.throws(() => parseRule(rule), /AlarmRule/));
}

test('children are named once', () => {
  assert.deepEqual(childrenOf(parseRule('ALARM(a) OR (OK(b) AND NOT OK("a")) OR FALSE')), ['a', 'b']);
});
