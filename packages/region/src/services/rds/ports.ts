/**
 * What RDS needs from whatever runs databases. Every method is idempotent, so that work which was cut off by the end
 * of the region can simply be asked for again; what can go wrong in the world is an answer, never a rejection.
 */
export interface DatabasePlane {
  /** Full versions of the engine `postgres` that can be run, such as `17.10`, newest first. */
  readonly engineVersions: readonly string[];

  /** Brings the database up and resolves when it accepts connections. Without data yet, makes or restores it first. */
  start(spec: DatabaseSpec): Promise<DatabaseStarted | DatabaseFailed>;
  /** A fast shutdown: open transactions are rolled back, what was committed is kept. */
  stop(resourceId: string): Promise<void>;
  /** Of a running database. */
  setMasterPassword(resourceId: string, master: MasterUser): Promise<DatabaseDone | DatabaseFailed>;
  /** Gives a running database these settings in place of those it has. Those that need a restart must not differ. */
  applyParameters(
    resourceId: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<DatabaseDone | DatabaseFailed>;
  /** A consistent copy of the data, of a running database too. A snapshot that is there is left as it is. */
  takeSnapshot(resourceId: string, snapshotId: string): Promise<DatabaseDone | DatabaseFailed>;
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** Stops the database and removes its data. */
  destroy(resourceId: string): Promise<void>;
  /** What a running database uses, and used since the last call or its start. Undefined when it does not run or answer. */
  measure(resourceId: string): Promise<DatabaseUsage | undefined>;
  /** Tells of databases that ended without having been asked to. */
  onExit(listener: (exit: DatabaseExit) => void): void;
}

export interface DatabaseSpec {
  /** `DbiResourceId`: names the data for as long as it exists. */
  readonly resourceId: string;
  /** The port of the last start. Taken again if it is free. */
  readonly port?: number;
  /** Used when the data is made. */
  readonly master: MasterUser;
  /** Used when the data is made: a database beside `postgres`, owned by the master user. */
  readonly databaseName?: string;
  /** Used when the data is made: the snapshot it is a copy of. The master user's password is then set anew. */
  readonly snapshotId?: string;
  /** Settings of the server by their PostgreSQL names, in PostgreSQL's units. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface MasterUser {
  readonly name: string;
  /** The SCRAM-SHA-256 verifier of the password. The password itself never reaches the plane. */
  readonly passwordVerifier: string;
}

export interface DatabaseStarted {
  readonly kind: 'started';
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
}

export interface DatabaseDone {
  readonly kind: 'done';
}

export interface DatabaseFailed {
  readonly kind: 'failed';
  /** For a person: what went wrong, with the database's own words. */
  readonly reason: string;
}

export interface DatabaseUsage {
  /** CPU time of all its processes by the time that really passed, whatever the region's clock does. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Of clients, without the region's own. */
  readonly connections: number;
  /** What its files take. */
  readonly storageBytes: number;
  /** What the disk has left. */
  readonly freeDiskBytes: number;
  readonly walBytes: number;
  readonly usedTransactionIds: number;
  /** Since the last checkpoint. */
  readonly checkpointLagSeconds: number;
  /** By what the server asks of the operating system. Absent in the first measurement after a start. */
  readonly io?: DatabaseIo;
}

export interface DatabaseIo {
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writtenBytesPerSecond: number;
  /** 0 when there was none. */
  readonly secondsPerRead: number;
  readonly secondsPerWrite: number;
  readonly walBytesPerSecond: number;
}

export interface DatabaseExit {
  readonly resourceId: string;
  readonly reason: string;
}
