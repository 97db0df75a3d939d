import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { TokenIssuer } from '@plimsoll/region/testing/token-issuer.js';
import { messageOf } from '../errors.ts';

/** What an action sees of the job that it runs in. */
export interface ActionContext {
  readonly workspace: string;
  readonly runId: string;
  readonly repository: { readonly name: string; readonly folder: string };
  readonly endpoint: string;
  readonly issuer: TokenIssuer;
  /** The job's `id-token` permission, as it is in the end. */
  readonly mayAskForToken: boolean;
  /** Whose token the job gets, as GitHub writes it. */
  readonly subject: string;
  readonly ref: string;
  /** Folders of artifacts, by run and name. */
  readonly artifacts: string;
}

/** Environment variables that the action leaves for the steps after it. @throws Error: the step failed */
export type KnownAction = (
  inputs: Readonly<Record<string, string>>,
  context: ActionContext,
) => Promise<Readonly<Record<string, string>>>;

const nothing = {};

/** Equivalents of the few actions that the workflows use, by their names. */
export const knownActions: Readonly<Record<string, KnownAction>> = {
  'actions/checkout': async ({ ref = '', path = '.' }, { repository, workspace }) => {
    const branch = ref === '' ? [] : ['--branch', ref];
    const args = ['clone', '--quiet', ...branch, repository.folder, join(workspace, path)];
    await promisify(execFile)('git', args);
    return nothing;
  },
  'actions/setup-node': async () => nothing,
  'actions/upload-artifact': async ({ name = '', path = '' }, { artifacts, runId, workspace }) => {
    const from = resolve(workspace, path);
    if ((await readdir(from).catch(() => [])).length === 0) throw new Error(`No files were found at ${path}`);
    await cp(from, join(artifacts, runId, name), { recursive: true });
    return nothing;
  },
  'actions/download-artifact': async (inputs, { artifacts, runId, workspace }) => {
    const { name = '', path = '' } = inputs;
    await mkdir(workspace, { recursive: true });
    await cp(join(artifacts, inputs['run-id'] || runId, name), resolve(workspace, path), { recursive: true });
    return nothing;
  },
  'aws-actions/configure-aws-credentials': async (inputs, context) => {
    const role = inputs['role-to-assume'] ?? '';
    const region = inputs['aws-region'] ?? '';
    if (!context.mayAskForToken)
      throw new Error(
        'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission?',
      );
    const credentials = await assume(context, role, region).catch((error: unknown) => {
      throw new Error(`Could not assume role with OIDC: ${messageOf(error)}`);
    });
    return { ...credentials, AWS_REGION: region, AWS_DEFAULT_REGION: region };
  },
};

async function assume(
  context: ActionContext,
  RoleArn: string,
  region: string,
): Promise<Readonly<Record<string, string>>> {
  const { endpoint, runId } = context;
  const sts = new STSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  });
  try {
    const { Credentials: opened } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn,
        RoleSessionName: `GitHubActions-${runId}`,
        WebIdentityToken: tokenOf(context),
      }),
    );
    return {
      AWS_ACCESS_KEY_ID: opened?.AccessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: opened?.SecretAccessKey ?? '',
      AWS_SESSION_TOKEN: opened?.SessionToken ?? '',
    };
  } finally {
    sts.destroy();
  }
}

/** As GitHub makes them. https://docs.github.com/en/actions/reference/security/oidc */
function tokenOf({ issuer, subject, ref, repository, runId }: ActionContext): string {
  const now = Math.floor(Date.now() / 1000);
  return issuer.token({
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.amazonaws.com',
    sub: subject,
    ref,
    repository: repository.name,
    repository_owner: repository.name.split('/')[0],
    run_id: runId,
    iat: now,
    nbf: now - 600,
    exp: now + 300,
  });
}
