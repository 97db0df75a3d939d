/** A user's way by the AWS CLI: made, given a key and a policy, signing by it, cut off. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { installed, run } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const skip = (await installed('aws')).length > 0 ? false : 'needs the AWS CLI';
const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'ssm:PutParameter', Resource: 'arn:aws:ssm:*:*:parameter/ci/*' },
    { Effect: 'Allow', Action: 'iam:*AccessKey*', Resource: 'arn:aws:iam::*:user/team/${aws:username}' },
  ],
});

interface Key {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken?: string;
}

describe('a user of IAM, by the AWS CLI', { skip }, () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
  });
  after(() => region.close());

  const aws = (key: Key | undefined, ...args: readonly string[]) =>
    run('aws', ['--endpoint-url', region.endpoint, '--output', 'json', ...args], {
      cwd: region.scratch,
      env: {
        ...region.environment,
        ...(key && {
          AWS_ACCESS_KEY_ID: key.AccessKeyId,
          AWS_SECRET_ACCESS_KEY: key.SecretAccessKey,
          AWS_SESSION_TOKEN: key.SessionToken ?? '',
        }),
      },
    });
  const answer = async (key: Key | undefined, ...args: readonly string[]) => {
    const { status, stdout, stderr } = await aws(key, ...args);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout || '{}');
  };
  const refusal = async (key: Key, ...args: readonly string[]): Promise<string> => {
    const { status, stderr } = await aws(key, ...args);
    assert.notEqual(status, 0);
    return stderr.trim();
  };
  const put = (name: string) => ['ssm', 'put-parameter', '--name', name, '--value', 'v', '--type', 'String'];

  test('it signs by its key as itself, may do what its policy allows, until the key is inactive or gone', async () => {
    const user = ['--user-name', 'ann'];
    const arn = 'arn:aws:iam::000000000000:user/team/ann';
    assert.equal((await answer(undefined, 'iam', 'create-user', ...user, '--path', '/team/')).User.Arn, arn);
    await answer(
      undefined,
      'iam',
      'put-user-policy',
      ...user,
      '--policy-name',
      'ci',
      '--policy-document',
      policy,
    );
    const key: Key = (await answer(undefined, 'iam', 'create-access-key', ...user)).AccessKey;

    assert.equal((await answer(key, 'sts', 'get-caller-identity')).Arn, arn);
    await answer(key, ...put('/ci/a'));
    assert.match(
      await refusal(key, ...put('/other')),
      /\(AccessDeniedException\).*User: arn:aws:iam::000000000000:user\/team\/ann is not authorized to perform: ssm:PutParameter/,
    );

    const session: Key = (await answer(key, 'sts', 'get-session-token')).Credentials;
    assert.equal((await answer(session, 'sts', 'get-caller-identity')).Arn, arn);
    await answer(session, ...put('/ci/b'));

    const second: Key = (await answer(key, 'iam', 'create-access-key')).AccessKey;
    const id = ['--access-key-id', key.AccessKeyId];
    const used = await answer(second, 'iam', 'get-access-key-last-used', ...id);
    assert.equal(used.AccessKeyLastUsed.ServiceName, 'iam');
    await answer(second, 'iam', 'update-access-key', ...id, '--status', 'Inactive');
    assert.match(
      await refusal(key, 'sts', 'get-caller-identity'),
      /\(InvalidClientTokenId\).*The security token included in the request is invalid/,
    );
    assert.match(
      await refusal(key, ...put('/ci/a')),
      /\(UnrecognizedClientException\).*key \S+ is inactive; aws iam update/,
    );
    await answer(second, 'iam', 'update-access-key', ...id, '--status', 'Active');
    await answer(key, ...put('/ci/c'));
    await answer(second, 'iam', 'delete-access-key', ...id);
    assert.match(await refusal(key, 's3', 'ls'), /\(InvalidAccessKeyId\).*does not know the access key/);
    assert.ok(!JSON.stringify(region.messages).includes(key.SecretAccessKey));
  });
});
