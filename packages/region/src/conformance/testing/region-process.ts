/** A whole region in a process of its own, as users run it, for tests that drive it with real clients. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface RegionProcess {
  readonly endpoint: string;
  /** A folder for what a test writes; it goes with the region. */
  readonly scratch: string;
  /** All that a client is told: the endpoint, credentials and the region's name. Nothing of the user's own is read. */
  readonly environment: NodeJS.ProcessEnv;
  /** The same for clients of the SDK. */
  readonly client: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials };
  /** Messages that clients cannot see, warnings among them. */
  readonly messages: readonly Message[];
  close(): Promise<void>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface Message {
  readonly code: string;
  readonly level: string;
  readonly text: string;
  readonly endpoint?: string;
}

const regionName = 'eu-central-1';

/** Starts an empty region on free ports; rejects when it ends before it answers. */
export async function startRegionProcess(): Promise<RegionProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-conformance-'));
  const options = {
    home: join(folder, 'home'),
    region: regionName,
    port: 0,
    httpPort: 0,
    httpsPort: 0,
    untilStdinEnds: true,
  };
  const main = fileURLToPath(new URL(`../../main${extname(import.meta.url)}`, import.meta.url));
  const child = fork(main, [JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  const messages: Message[] = [];
  try {
    const endpoint = await started(child, messages);
    return {
      endpoint,
      scratch: folder,
      environment: environmentFor(endpoint, folder),
      client: {
        endpoint,
        region: regionName,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      },
      messages,
      close: () => close(child, folder),
    };
  } catch (error) {
    await close(child, folder);
    throw error;
  }
}

async function started(child: ChildProcess, messages: Message[]): Promise<string> {
  const lines = createInterface({ input: child.stdout as Readable });
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const message = JSON.parse(line) as Message;
      messages.push(message);
      if (message.code === 'started' && message.endpoint !== undefined) resolve(message.endpoint);
    });
    child.once('exit', (code) =>
      reject(new Error(`the region ended with ${code}: ${JSON.stringify(messages)}`)),
    );
  });
}

async function close(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
  await rm(folder, { recursive: true, force: true });
}

function environmentFor(endpoint: string, folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TMPDIR|LANG)$/.test(name));
  return {
    ...Object.fromEntries(inherited),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: regionName,
    AWS_REGION: regionName,
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    // What the CDK CLI keeps, and what it would otherwise ask of the internet.
    CDK_HOME: join(folder, 'cdk-home'),
    CDK_DISABLE_VERSION_CHECK: '1',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_NO_WARNINGS: '1',
    NO_COLOR: '1',
  };
}
