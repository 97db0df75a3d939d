import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type {
  DatabaseDone,
  DatabaseExit,
  DatabaseFailed,
  DatabasePlane,
  DatabaseSpec,
  DatabaseStarted,
  DatabaseUsage,
  MasterUser,
} from '../../services/rds/ports.ts';
import { asAdmin, setMaster, settingErrors, setUp } from './admin.ts';
import { DatabaseMeter } from './database-meter.ts';
import { type Distribution, installedDistribution, readyDistribution } from './distribution.ts';
import { freePort } from './free-port.ts';
import { PostgresServer } from './postgres-server.ts';
import { databaseUser, machinePlace, placeOf, type RunAs } from './run-as.ts';
import { copyRunning, copySnapshotTo, copyStopped, readSnapshotPassword } from './snapshots.ts';

/** Real PostgreSQL servers, one per DB instance, on ports of 127.0.0.1. */
export class PostgresPlane implements DatabasePlane {
  readonly #home: string;
  readonly #installed = installedDistribution();
  readonly #servers = new Map<string, PostgresServer>();
  readonly #busy = new Map<string, Promise<unknown>>();
  readonly #listeners: ((exit: DatabaseExit) => void)[] = [];
  readonly #meter = new DatabaseMeter();
  #ready: Promise<Ready> | undefined;
  #closing = false;

  /** @param options.home the region's home; databases are in `<home>/rds`, snapshots in `<home>/snapshots` */
  constructor(options: { readonly home: string }) {
    this.#home = options.home;
  }

  get engineVersions(): readonly string[] {
    return this.#installed ? [this.#installed.version] : [];
  }

  onExit(listener: (exit: DatabaseExit) => void): void {
    this.#listeners.push(listener);
  }

  start(spec: DatabaseSpec): Promise<DatabaseStarted | DatabaseFailed> {
    return this.#alone(spec.resourceId, () =>
      orFailed(async () => ({ kind: 'started', port: await this.#start(spec) })),
    );
  }

  stop(resourceId: string): Promise<void> {
    return this.#alone(resourceId, async () => this.#servers.get(resourceId)?.stop());
  }

  setMasterPassword(resourceId: string, master: MasterUser): Promise<DatabaseDone | DatabaseFailed> {
    return this.#alone(resourceId, () =>
      orFailed(async () => {
        const server = await this.#server(resourceId);
        await this.#asAdmin(server, (client) => setMaster(client, master));
        return { kind: 'done' };
      }),
    );
  }

  applyParameters(
    resourceId: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<DatabaseDone | DatabaseFailed> {
    return this.#alone(resourceId, () =>
      orFailed(async () => {
        const server = await this.#server(resourceId);
        await this.#asAdmin(server, (client) => server.reload(parameters, () => settingErrors(client)));
        return { kind: 'done' };
      }),
    );
  }

  takeSnapshot(resourceId: string, snapshotId: string): Promise<DatabaseDone | DatabaseFailed> {
    return this.#alone(resourceId, () =>
      orFailed(async () => {
        const snapshot = this.#snapshotFolder(snapshotId);
        if (await isThere(snapshot)) return { kind: 'done' };
        const server = await this.#server(resourceId);
        const source = { dataFolder: server.dataFolder, adminPassword: await server.adminPassword() };
        if (server.isRunning) await this.#asAdmin(server, (client) => copyRunning(client, source, snapshot));
        else await copyStopped(source, snapshot);
        return { kind: 'done' };
      }),
    );
  }

  async measure(resourceId: string): Promise<DatabaseUsage | undefined> {
    const server = this.#servers.get(resourceId);
    const metered = server?.metered;
    if (server === undefined || metered === undefined) {
      this.#meter.forget(resourceId);
      return undefined;
    }
    if (!this.#meter.isDue(resourceId, metered)) return undefined;
    try {
      return await this.#asAdmin(server, (client) => this.#meter.measure(resourceId, metered, client));
    } catch {
      // It starts, stops, or has just ended.
      return undefined;
    }
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    await rm(this.#snapshotFolder(snapshotId), { recursive: true, force: true });
  }

  destroy(resourceId: string): Promise<void> {
    return this.#alone(resourceId, async () => {
      const server = await this.#server(resourceId);
      await server.stop(5);
      this.#servers.delete(resourceId);
      await rm(path.dirname(server.dataFolder), { recursive: true, force: true });
    });
  }

  /** Stops all databases. Nothing can be started afterwards. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#busy.values()]);
    await Promise.all([...this.#servers.values()].map((server) => server.stop(5)));
  }

  async #start(spec: DatabaseSpec): Promise<number> {
    const server = await this.#server(spec.resourceId);
    if (server.isRunning) return server.port;
    if (await server.isInitialized()) {
      await this.#run(server, spec);
      return server.port;
    }
    await this.#initialize(server, spec);
    await this.#run(server, spec);
    await this.#asAdmin(server, (client) =>
      spec.snapshotId === undefined
        ? setUp(client, spec.master, spec.databaseName)
        : setMaster(client, spec.master),
    );
    await server.markInitialized();
    return server.port;
  }

  async #initialize(server: PostgresServer, { snapshotId }: DatabaseSpec): Promise<void> {
    if (snapshotId === undefined) return server.initialize();
    const snapshot = this.#snapshotFolder(snapshotId);
    const password = await readSnapshotPassword(snapshot);
    await server.initializeFrom(password, (dataFolder) => copySnapshotTo(snapshot, dataFolder));
  }

  async #run(server: PostgresServer, spec: DatabaseSpec): Promise<void> {
    if (this.#closing) throw new Error('the region is stopping');
    const port = await freePort(spec.resourceId, spec.port);
    await server.start(port, spec.parameters, () => void this.#report(spec.resourceId, server));
  }

  async #report(resourceId: string, server: PostgresServer): Promise<void> {
    if (this.#closing) return;
    const reason = `PostgreSQL ended by itself: ${await server.lastWords()}`;
    for (const listener of this.#listeners) listener({ resourceId, reason });
  }

  async #asAdmin<T>(server: PostgresServer, work: Parameters<typeof asAdmin<T>>[1]): Promise<T> {
    if (!server.isRunning) throw new Error('the database is not running');
    return asAdmin({ port: server.port, password: await server.adminPassword() }, work);
  }

  #snapshotFolder(snapshotId: string): string {
    return path.join(this.#home, 'snapshots', snapshotId);
  }

  async #server(resourceId: string): Promise<PostgresServer> {
    const known = this.#servers.get(resourceId);
    if (known) return known;
    const { place, distribution, user } = await this.#makeReady();
    const folder = path.join(place, 'rds', resourceId);
    const server = new PostgresServer({ home: this.#home, folder, distribution, user });
    this.#servers.set(resourceId, server);
    return server;
  }

  #makeReady(): Promise<Ready> {
    this.#ready ??= makeReady(this.#home, this.#installed);
    // A failure is not kept: a user can mend its cause while the region runs.
    this.#ready.catch(() => {
      this.#ready = undefined;
    });
    return this.#ready;
  }

  /** One thing at a time per database. */
  #alone<T>(resourceId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(resourceId) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(
      () => {},
      () => {},
    );
    this.#busy.set(resourceId, settled);
    settled.then(() => {
      if (this.#busy.get(resourceId) === settled) this.#busy.delete(resourceId);
    });
    return result;
  }
}

interface Ready {
  readonly place: string;
  readonly distribution: Distribution;
  readonly user: RunAs | undefined;
}

async function makeReady(home: string, installed: Distribution | undefined): Promise<Ready> {
  if (!installed) throw new Error(`there is no PostgreSQL for ${process.platform} on ${process.arch}`);
  const user = databaseUser();
  const place = await placeOf(home, user);
  const distribution = await readyDistribution(installed, path.join(place, 'postgres'), user);
  return { place, distribution, user };
}

/** Removes what databases of a home keep outside of it (see run-as.ts). To be called before the home is removed. */
export async function removeOutside(home: string): Promise<void> {
  if (!(await isThere(home))) return;
  const place = await machinePlace(home);
  await rm(place, { recursive: true, force: true });
  const parent = path.dirname(place);
  if ((await isThere(parent)) && (await readdir(parent)).length === 0) await rmdir(parent);
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

async function orFailed<T>(work: () => Promise<T>): Promise<T | DatabaseFailed> {
  try {
    return await work();
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}
