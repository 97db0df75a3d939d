/**
 * The composition root: it opens the home, the planes (`planes-of-home.ts`) and the kernel, plugs the planes into the
 * services (`services-of-region.ts`) and starts the gateway; `close` undoes all of it in the opposite order.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Authorizer } from './authorization/authorizer.ts';
import { ClockApi, instantOf } from './clock-api.ts';
import { answerDashboards } from './dashboard-pages.ts';
import { announcedRandom, operatingSystemSecrets } from './drivers/chance.ts';
import { type ClockSetting, startingClock } from './drivers/clock.ts';
import { ClockDriver } from './drivers/clock-driver.ts';
import type { Credential } from './gateway/authentication.ts';
import { Gateway } from './gateway/http-server.ts';
import { answerRequest, type RequestPathOptions } from './gateway/request-path.ts';
import { openHome } from './home.ts';
import { answerIam } from './iam-api.ts';
import { layerUploads } from './image-pulls.ts';
import type { Context } from './kernel/context.ts';
import { instant } from './kernel/instant.ts';
import { Kernel } from './kernel/kernel.ts';
import type { RegionMessage } from './kernel/message.ts';
import { type Change, Tables } from './kernel/table.ts';
import { KeyUsesInMemory } from './key-uses.ts';
import { LocalApi } from './local-api.ts';
import { logEvents } from './log-events.ts';
import { notificationMounts } from './notifications.ts';
import { readBody, storeBody } from './object-bodies.ts';
import { refusedWorkers } from './planes/load-balancer/balancer-workers.ts';
import { Settling } from './planes/processes/settling.ts';
import { Registry } from './planes/registry/registry.ts';
import { PublishedKeys } from './planes/token-issuers/token-issuers.ts';
import { openPlanes, type TaskPlane } from './planes-of-home.ts';
import type { QueryLogs } from './services/cloudwatch/dashboards/log-table.ts';
import { MetricStore } from './services/cloudwatch/metrics/store.ts';
import { imageRegistry } from './services/ecr/registry.ts';
import { findAccessKey, isInactiveAccessKey } from './services/iam/views.ts';
import { queryOfWidget } from './services/logs/log-widget.ts';
import type { FederatedRequest } from './services/sts/ports.ts';
import { findSession } from './services/sts/views.ts';
import { servicesOfRegion } from './services-of-region.ts';
import { LevelStore, type LoadedRecord } from './store/level-store.ts';

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
  /** Where the first load balancer's HTTPS listener on port 443 is bound. Default 8443. */
  readonly httpsPort?: number;
  /** How many threads the load balancer runs in. Default 1; more need Node 22.12 and Linux, and are refused elsewhere. */
  readonly balancerWorkers?: number;
  /** What tasks run on. Default `process`; `container` needs Docker or Podman on this machine. */
  readonly plane?: TaskPlane;
  /** Default `000000000000`. */
  readonly accountId?: string;
  /** The root user's access key. Default `test` / `test`. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Where the region's clock begins, ISO 8601, and how fast it goes. Default: as the home has it, else the machine's time. */
  readonly clock?: { readonly start?: string; readonly rate?: number };
  /** A mail server that SNS's mails go to besides the mailbox of the home: `smtp://user:password@host:port`. */
  readonly smtpUrl?: string;
  /** Where SNS sends HTTP messages: to this machine only (default), or anywhere. */
  readonly snsEndpoints?: 'loopback' | 'any';
  /** Where the keys of an identity provider are fetched instead of at itself: by its URL, for rehearsals with a local issuer. */
  readonly tokenIssuers?: Readonly<Record<string, string>>;
  readonly report: (message: RegionMessage) => void;
}

/** A running region. */
export interface Region {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  /** Stops tasks, databases and load balancers; what was stored stays. */
  close(): Promise<void>;
}

/** Opens the home and starts the region. Rejects when the port is taken, the home is in use or cannot be written. */
export async function startRegion(options: RegionOptions): Promise<Region> {
  const host = options.host ?? '127.0.0.1';
  const accountId = options.accountId ?? '000000000000';
  const { balancerWorkers = 1 } = options;
  const refused = await refusedWorkers(balancerWorkers);
  if (refused !== undefined) throw new Error(`The workers of the load balancer: ${refused}`);
  await openHome(options.home);
  await mkdir(join(options.home, 'state'), { recursive: true, mode: 0o700 });
  const store = await LevelStore.open(join(options.home, 'state'));
  const tables = new Tables();
  const records = await store.load();
  for (const { table, key, record } of records) tables.load(table, key, record);
  const metrics = new MetricStore(tables, store);
  await metrics.load();

  const setting = await clockOf(options, records, store);
  const settling = new Settling(Date.now);
  const driver = new ClockDriver({
    setting,
    machine: Date.now,
    isSettling: () => settling.isSettling(),
  });
  const messages: RegionMessage[] = [];
  const report = (message: RegionMessage): void => {
    messages.push(message);
    if (messages.length > 1000) messages.splice(0, 500);
    options.report(message);
  };
  const random = announcedRandom(report);
  const authorizer = new Authorizer({
    tables,
    accountId,
    region: options.region,
    warn: (code, text) => report({ code, level: 'warning', text }),
  });
  const kernel = new Kernel({
    tables,
    accountId,
    region: options.region,
    random,
    secrets: operatingSystemSecrets,
    now: () => driver.now(),
    // A moved clock is kept with what happened by it, so that it never goes back over a restart.
    commit: (changes) => store.commit(driver.isMoved ? [...changes, clockRecord(driver)] : changes),
    authorize: (request) => authorizer.authorize(request),
    report,
    wake: () => driver.wake(),
  });

  let port = options.port ?? 4566;
  const planes = await openPlanes({
    home: options.home,
    region: options.region,
    host,
    httpPort: options.httpPort ?? 8080,
    httpsPort: options.httpsPort ?? 8443,
    balancerWorkers,
    plane: options.plane ?? 'process',
    now: () => driver.now(),
    tables,
    report,
    kernel: () => kernel,
    endpointUrl: () => `http://${host}:${port}`,
    ...(options.smtpUrl !== undefined && { smtpUrl: options.smtpUrl }),
    ...(options.snsEndpoints !== undefined && { snsEndpoints: options.snsEndpoints }),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const registry = new Registry(
    imageRegistry(
      tables,
      (description, as, work) => kernel.submit(description, as, work),
      layerUploads(authorizer),
    ),
    planes.layers,
  );
  const root = rootCredential(options, accountId);
  const keyUses = new KeyUsesInMemory(options.region);
  const requestPath: RequestPathOptions = {
    region: options.region,
    clocks: () => ({ machine: instant(Date.now()), region: driver.now() }),
    newRequestId: () => random.uuid(),
    findCredential: (id) =>
      id === root.accessKeyId
        ? root
        : (findSession(tables, accountId, id) ??
          findAccessKey(tables, accountId, id) ??
          (isInactiveAccessKey(tables, id) ? 'inactive' : undefined)),
    dispatch: (call) => {
      keyUses.note(call.caller.accessKeyId, call.service, driver.now());
      return kernel.request(call);
    },
    storeBody: (body) => storeBody(planes.objects, body),
    readBody: (body) => readBody(planes.objects, body),
    warn: (code, text) => report({ code, level: 'warning', text }),
  };
  const local = new LocalApi({
    tables,
    accountId,
    region: options.region,
    endpoint: () => `http://${host}:${port}`,
    clock: new ClockApi(driver, () => store.commit([clockRecord(driver)])),
    traffic: planes.traffic,
    messages: () => messages,
  });
  const world = () => ({ tables, metrics, region: options.region, accountId, now: driver.now(), queryLogs });
  const queryLogs: QueryLogs = (query, range) =>
    queryOfWidget({ tables, store: logEvents(store), accountId, now: driver.now() }, query, range);
  const gateway = new Gateway({
    host,
    port,
    mounts: [
      { prefix: '/v2/', handle: (request, response) => registry.handle(request, response) },
      {
        prefix: '/_plimsoll/dashboards/',
        handle: (request, response) => answerDashboards(world, request, response),
      },
      {
        prefix: '/_plimsoll/iam/',
        handle: (request, response) => answerIam(authorizer, request, response),
      },
      { prefix: '/_plimsoll/', handle: (request, response) => local.handle(request, response) },
      ...notificationMounts(planes.notifications, kernel, () => random.uuid()),
    ],
    onBug: (error) => report(internalFailure(error)),
    answer: (request) => answerRequest(requestPath, request),
  });

  const close = async (): Promise<void> => {
    await gateway.close();
    driver.close();
    await registry.close();
    await planes.close();
    await kernel.settled();
    await store.close();
  };
  try {
    port = await gateway.listen();
  } catch (error) {
    await planes.close();
    await store.close();
    throw portError(error, host, port);
  }
  const webIdentities = {
    issuers: new PublishedKeys({ stands: options.tokenIssuers ?? {}, now: Date.now }),
    machineNow: Date.now,
    step: <T>(work: (ctx: Context) => T) => kernel.submit('sts web identity', { service: 'sts' }, work),
    trusts: (request: FederatedRequest) => authorizer.trusts(request),
  };
  kernel.start(
    servicesOfRegion({
      tables,
      store,
      metrics,
      planes,
      kernel,
      authorizer,
      settling,
      webIdentities,
      keyUses,
      registryHost: () => `localhost:${port}`,
    }),
  );
  driver.start(kernel);
  return { endpoint: `http://${host}:${port}`, close };
}

/** Keeps Node's code, for those who tell cases apart. */
function portError(error: unknown, host: string, port: number): unknown {
  const { code } = error as { code?: string };
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const text =
    code === 'EACCES'
      ? `Port ${port} of ${host} may not be opened by this user: choose another one with --port.`
      : `Port ${port} of ${host} is in use by another program: end that or choose another one with --port.`;
  return Object.assign(new Error(text), { code });
}

/** Where the store keeps how the clock goes. */
const clockTable = 'kernel.clock';

async function clockOf(
  { clock = {} }: RegionOptions,
  records: readonly LoadedRecord[],
  store: LevelStore,
): Promise<ClockSetting> {
  const kept = records.find(({ table }) => table === clockTable)?.record as ClockSetting | undefined;
  const { start, rate } = clock;
  try {
    const wish = {
      ...(start !== undefined && { start: instantOf(start) }),
      ...(rate !== undefined && { rate }),
    };
    return startingClock(kept, records.length === 0, wish, Date.now());
  } catch (error) {
    await store.close();
    throw error;
  }
}

function clockRecord(driver: ClockDriver): Change {
  return { table: clockTable, key: 'clock', record: driver.setting };
}

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

function internalFailure(error: unknown): RegionMessage {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'internal-failure', level: 'error', text };
}
