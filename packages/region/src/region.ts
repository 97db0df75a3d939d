/**
 * The composition root: the only file that knows every service, plane and driver. It opens the home, builds the kernel,
 * plugs the planes into the services' ports, and starts the gateway; `close` undoes all of it in the opposite order.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RealTimeDriver } from './drivers/real-time.ts';
import type { Credential } from './gateway/authentication.ts';
import { Gateway } from './gateway/http-server.ts';
import { answerRequest, type BlobBody } from './gateway/request-path.ts';
import { Kernel } from './kernel/kernel.ts';
import type { RegionMessage } from './kernel/message.ts';
import { type Random, type Secrets, seededRandom } from './kernel/random.ts';
import { Tables } from './kernel/table.ts';
import { BlobStore } from './planes/blobs/blob-store.ts';
import { iam } from './services/iam/service.ts';
import { secretsmanager } from './services/secretsmanager/service.ts';
import { ssm } from './services/ssm/service.ts';
import { sts } from './services/sts/service.ts';
import { findSession } from './services/sts/views.ts';
import { LevelStore } from './store/level-store.ts';

export interface RegionOptions {
  /** Absolute path of the folder that holds all state. Made when it is not there, readable by its owner only. */
  readonly home: string;
  /** For instance `eu-central-1`. */
  readonly region: string;
  /** Where the AWS endpoint listens. Default 127.0.0.1 and 4566; port 0 takes a free one. */
  readonly host?: string;
  readonly port?: number;
  /** Where the first load balancer's port 80 is bound. Default 8080. */
  readonly httpPort?: number;
  /** Default `000000000000`. */
  readonly accountId?: string;
  /** The root user's access key. Default `test` / `test`. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly report: (message: RegionMessage) => void;
}

/** A running region. */
export interface Region {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  close(): Promise<void>;
}

export async function startRegion(options: RegionOptions): Promise<Region> {
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  const store = await LevelStore.open(join(options.home, 'state'));
  const tables = new Tables();
  for (const { table, key, record } of await store.load()) tables.load(table, key, record);

  const accountId = options.accountId ?? '000000000000';
  const driver = new RealTimeDriver();
  const random = announcedRandom(options);
  const blobs = new BlobStore(join(options.home, 'blobs'));
  await blobs.open();
  const kernel = new Kernel({
    tables,
    accountId,
    region: options.region,
    random,
    secrets: operatingSystemSecrets,
    now: () => driver.now(),
    commit: (changes) => store.commit(changes),
    // The place where IAM will decide each request (issue: delivery with roles that mean something).
    authorize: () => {},
    report: options.report,
    wake: () => driver.wake(),
  });

  const root = rootCredential(options, accountId);
  const gateway = new Gateway({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 4566,
    mounts: [],
    onBug: (error) => options.report(internalFailure(error)),
    answer: (request) =>
      answerRequest(
        {
          region: options.region,
          now: () => driver.now(),
          newRequestId: () => random.uuid(),
          findCredential: (id) => (id === root.accessKeyId ? root : findSession(tables, accountId, id)),
          dispatch: (call) => kernel.request(call),
          storeBody: (body) => blobs.put(body),
          readBody: (body) => readBlob(blobs, body),
          warn: (code, text) => options.report({ code, level: 'warning', text }),
        },
        request,
      ),
  });

  const port = await gateway.listen();
  kernel.start([sts({ tables }), iam({ tables }), ssm({ tables }), secretsmanager({ tables })]);
  driver.start(kernel);
  return {
    endpoint: `http://${options.host ?? '127.0.0.1'}:${port}`,
    close: async () => {
      await gateway.close();
      driver.close();
      await kernel.settled();
      await store.close();
    },
  };
}

/** Ids are drawn from a seed that is told at start, so that a run can be repeated. */
function announcedRandom({ report }: RegionOptions): Random {
  const seed = randomBytes(16).toString('hex');
  report({ code: 'seed', level: 'info', text: `Ids of this run are drawn from the seed ${seed}.` });
  return seededRandom(seed);
}

const operatingSystemSecrets: Secrets = {
  bytes: (length) => randomBytes(length),
  text: (length, alphabet) => {
    // Rejection sampling: every character of the alphabet is equally likely.
    const limit = 256 - (256 % alphabet.length);
    let text = '';
    while (text.length < length) {
      for (const byte of randomBytes(length)) {
        if (byte < limit && text.length < length) text += alphabet.charAt(byte % alphabet.length);
      }
    }
    return text;
  },
};

/** The account's root user: may do everything, has no policies. */
function rootCredential(
  options: RegionOptions,
  accountId: string,
): Credential & { readonly accessKeyId: string } {
  const { accessKeyId, secretAccessKey } = options.credentials ?? {
    accessKeyId: 'test',
    secretAccessKey: 'test',
  };
  const arn = `arn:aws:iam::${accountId}:root`;
  return { accessKeyId, secretAccessKey, principal: { type: 'Root', arn, accountId, userId: accountId } };
}

async function* readBlob(blobs: BlobStore, { sha256, start, end }: BlobBody): AsyncGenerator<Uint8Array> {
  yield* await blobs.read(sha256, {
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  });
}

function internalFailure(error: unknown): RegionMessage {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal-failure', level: 'error', text };
}
