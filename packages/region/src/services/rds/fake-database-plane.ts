import type {
  DatabaseDone,
  DatabaseExit,
  DatabaseFailed,
  DatabasePlane,
  DatabaseSpec,
  DatabaseStarted,
  DatabaseUsage,
  MasterUser,
} from './ports.ts';

interface FakeDatabase {
  readonly port: number;
  readonly running: boolean;
  readonly master: MasterUser;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Databases without processes, for tests and forecasts: the same suite runs on it and on the real plane. */
export class FakeDatabasePlane implements DatabasePlane {
  readonly engineVersions = ['17.10'];
  readonly #databases = new Map<string, FakeDatabase>();
  readonly #snapshots = new Map<string, FakeDatabase>();
  readonly #listeners: ((exit: DatabaseExit) => void)[] = [];
  #nextPort = 20000;
  #failures: string[] = [];

  /** The next starts fail, one for each reason. */
  failStarts(...reasons: readonly string[]): void {
    this.#failures.push(...reasons);
  }

  /** The database ends as by SIGKILL. */
  crash(resourceId: string): void {
    const database = this.#databases.get(resourceId);
    if (!database?.running) return;
    this.#databases.set(resourceId, { ...database, running: false });
    for (const listener of this.#listeners)
      listener({ resourceId, reason: 'PostgreSQL ended by itself: killed' });
  }

  isRunning(resourceId: string): boolean {
    return this.#databases.get(resourceId)?.running ?? false;
  }

  masterOf(resourceId: string): MasterUser | undefined {
    return this.#databases.get(resourceId)?.master;
  }

  get snapshotIds(): readonly string[] {
    return [...this.#snapshots.keys()];
  }

  onExit(listener: (exit: DatabaseExit) => void): void {
    this.#listeners.push(listener);
  }

  async start(spec: DatabaseSpec): Promise<DatabaseStarted | DatabaseFailed> {
    const failure = this.#failures.shift();
    if (failure !== undefined) return { kind: 'failed', reason: failure };
    const known = this.#databases.get(spec.resourceId);
    if (!known && spec.snapshotId !== undefined && !this.#snapshots.has(spec.snapshotId)) {
      return { kind: 'failed', reason: `there is no snapshot ${spec.snapshotId}` };
    }
    const port = known?.port ?? spec.port ?? this.#nextPort++;
    const master = known?.master ?? spec.master;
    this.#databases.set(spec.resourceId, { port, running: true, master, parameters: spec.parameters });
    return { kind: 'started', port };
  }

  async stop(resourceId: string): Promise<void> {
    const database = this.#databases.get(resourceId);
    if (database) this.#databases.set(resourceId, { ...database, running: false });
  }

  async setMasterPassword(resourceId: string, master: MasterUser): Promise<DatabaseDone | DatabaseFailed> {
    const database = this.#databases.get(resourceId);
    if (!database?.running) return { kind: 'failed', reason: 'the database is not running' };
    this.#databases.set(resourceId, { ...database, master });
    return { kind: 'done' };
  }

  async applyParameters(
    resourceId: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<DatabaseDone | DatabaseFailed> {
    const database = this.#databases.get(resourceId);
    if (!database?.running) return { kind: 'failed', reason: 'the database is not running' };
    this.#databases.set(resourceId, { ...database, parameters });
    return { kind: 'done' };
  }

  parametersOf(resourceId: string): Readonly<Record<string, string>> | undefined {
    return this.#databases.get(resourceId)?.parameters;
  }

  async takeSnapshot(resourceId: string, snapshotId: string): Promise<DatabaseDone | DatabaseFailed> {
    if (this.#snapshots.has(snapshotId)) return { kind: 'done' };
    const database = this.#databases.get(resourceId);
    if (!database) return { kind: 'failed', reason: `there is no database ${resourceId}` };
    this.#snapshots.set(snapshotId, database);
    return { kind: 'done' };
  }

  async deleteSnapshot(snapshotId: string): Promise<void> {
    this.#snapshots.delete(snapshotId);
  }

  /** What databases that run are said to use. */
  usage: DatabaseUsage = {
    cores: 0.1,
    memoryBytes: 100 * 2 ** 20,
    connections: 3,
    storageBytes: 2 ** 30,
    freeDiskBytes: 2 ** 40,
    walBytes: 32 * 2 ** 20,
    usedTransactionIds: 750,
    checkpointLagSeconds: 12,
  };

  async measure(resourceId: string): Promise<DatabaseUsage | undefined> {
    return this.isRunning(resourceId) ? this.usage : undefined;
  }

  async destroy(resourceId: string): Promise<void> {
    this.#databases.delete(resourceId);
  }
}
