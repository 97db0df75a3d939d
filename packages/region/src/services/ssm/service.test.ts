import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { ssm } from './service.ts';

const region = () => testRegion((tables) => [ssm({ tables })]);

test('a parameter is read back by name, version and ARN', async () => {
  const { call } = region();
  await call('ssm', 'putParameter', { Name: '/a/b', Value: 'one', Type: 'String' });
  await call('ssm', 'putParameter', { Name: '/a/b', Value: 'two', Overwrite: true });
  const value = async (Name: string) => (await call('ssm', 'getParameter', { Name })).Parameter?.Value;
  assert.equal(await value('/a/b'), 'two');
  assert.equal(await value('/a/b:1'), 'one');
  assert.equal(await value('arn:aws:ssm:eu-central-1:000000000000:parameter/a/b'), 'two');
});

for (const [name, input, message] of [
  ['a taken name without Overwrite', { Name: '/taken', Value: 'x', Type: 'String' }, /already exists/],
  ['a reserved name', { Name: '/aws/x', Value: 'x', Type: 'String' }, /No access to reserved parameter name/],
  ['a new parameter without a type', { Name: 'x', Value: 'x' }, /type is required/],
  ['an empty value', { Name: 'x', Value: '', Type: 'String' }, /greater than or equal to 1/],
  [
    'a value over 4 KB',
    { Name: 'x', Value: 'x'.repeat(4097), Type: 'String' },
    /maximum parameter value of 4096/,
  ],
  [
    'a value outside its pattern',
    { Name: 'x', Value: 'b', Type: 'String', AllowedPattern: 'a+' },
    /allowedPattern: a\+/,
  ],
] as const) {
  test(`PutParameter refuses ${name}`, async () => {
    const { call } = region();
    await call('ssm', 'putParameter', { Name: '/taken', Value: 'x', Type: 'String' });
    await assert.rejects(call('ssm', 'putParameter', input as never), message);
  });
}

test('GetParametersByPath gives one level, or all below with Recursive, a page at a time', async () => {
  const { call } = region();
  for (const Name of ['/p/a', '/p/b', '/p/c/d'])
    await call('ssm', 'putParameter', { Name, Value: 'x', Type: 'String' });
  const names = async (input: object) =>
    (await call('ssm', 'getParametersByPath', { Path: '/p', ...input })).Parameters?.map((p) => p.Name);
  assert.deepEqual(await names({}), ['/p/a', '/p/b']);
  assert.deepEqual(await names({ Recursive: true }), ['/p/a', '/p/b', '/p/c/d']);
  const first = await call('ssm', 'getParametersByPath', { Path: '/p', MaxResults: 1 });
  assert.deepEqual(await names({ NextToken: first.NextToken }), ['/p/b']);
});

test('GetParameters names what is not there', async () => {
  const { call } = region();
  await call('ssm', 'putParameter', { Name: 'here', Value: 'x', Type: 'String' });
  const answer = await call('ssm', 'getParameters', { Names: ['here', 'gone'] });
  assert.deepEqual(answer.InvalidParameters, ['gone']);
});
