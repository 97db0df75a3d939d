import type { Schedule } from './office-hours.ts';

/** How the service's image is built and started. */
export interface ImageOptions {
  /**
   * Folder that holds the sources, relative to the definition.
   * @default '.'
   */
  readonly context?: string;
  /**
   * Path of the Dockerfile, relative to `context`.
   * @default 'Dockerfile'
   */
  readonly dockerfile?: string;
  /**
   * Command that starts the service.
   * @default the image's own command
   */
  readonly command?: readonly string[];
}

/** How the load balancer asks a task whether it is well. */
export interface HealthCheckOptions {
  /**
   * Path that answers 200 when the task can serve.
   * @default '/health'
   */
  readonly path?: string;
  /**
   * Seconds after a task's start during which failed checks are ignored.
   * @default 30
   */
  readonly gracePeriodSeconds?: number;
}

/** What the service listens on. */
export interface HttpOptions {
  /**
   * Port inside the task; the service reads it from `PORT`.
   * @default 3000
   */
  readonly port?: number;
  /** @default { path: '/health', gracePeriodSeconds: 30 } */
  readonly healthCheck?: HealthCheckOptions;
}

/** The size of one Fargate task and what it is given. */
export interface TaskOptions {
  /**
   * CPU units; 1024 are one vCPU.
   * @default 256
   */
  readonly cpu?: 256 | 512 | 1024 | 2048 | 4096 | 8192 | 16384;
  /**
   * MiB of memory; AWS offers certain sizes for each `cpu`.
   * @default the smallest that AWS offers for `cpu`
   */
  readonly memory?: number;
  /**
   * Environment variables of the container, next to those that the blueprint sets. Never for secrets.
   * @default {}
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Seconds between SIGTERM and SIGKILL.
   * @default 30
   */
  readonly stopTimeoutSeconds?: number;
}

/** How many tasks run. */
export interface ScalingOptions {
  /**
   * Tasks that always run; the desired count of a new service.
   * @default 2
   */
  readonly min?: number;
  /**
   * Tasks that may run at most.
   * @default the greater of 10 and `min`
   */
  readonly max?: number;
  /**
   * Average CPU of the tasks, in percent, that scaling holds.
   * @default 60
   */
  readonly cpu?: number;
  /**
   * When the service runs at all.
   * @default always
   */
  readonly schedule?: Schedule;
}

/** The service's database: an RDS instance in the private subnets, its password managed by RDS in Secrets Manager. */
export interface DatabaseOptions {
  readonly engine: 'postgres';
  /**
   * Major version, or major.minor to pin it.
   * @default '17'
   */
  readonly version?: string;
  /**
   * A standby in a second Availability Zone.
   * @default true
   */
  readonly multiAz?: boolean;
  /** @default 'db.t4g.micro' */
  readonly instanceClass?: string;
  /**
   * GiB of encrypted gp3 storage.
   * @default 20
   */
  readonly storageGiB?: number;
  /**
   * Name of the database that is made.
   * @default the service's name with '_' for '-'
   */
  readonly name?: string;
  /**
   * Days for which backups are kept.
   * @default 7
   */
  readonly backupRetentionDays?: number;
}

/** The network that the environment's services share. */
export interface NetworkOptions {
  /** @default '10.0.0.0/16' */
  readonly cidr?: string;
  /**
   * NAT gateways: one is cheap, three survive the loss of an Availability Zone.
   * @default 1
   */
  readonly natGateways?: 1 | 2 | 3;
}

/** What the service writes. */
export interface LogOptions {
  /**
   * Days for which logs are kept, one of CloudWatch's periods.
   * @default 30
   */
  readonly retentionDays?: number;
}

/** Whom alarms tell. */
export interface AlarmOptions {
  readonly email?: string;
}

/** A cache in the private subnets. */
export interface CacheOptions {
  readonly engine: 'valkey' | 'redis';
}

/** How the service runs in a local region. Nothing of it reaches a template: they are the same for AWS. */
export interface LocalOptions {
  /**
   * What tasks run on: processes of this machine, or containers of Docker or Podman. `plimsoll up --plane` wins.
   * @default 'process'
   */
  readonly plane?: 'process' | 'container';
}

/** Everything that an environment may say differently. */
export interface ServiceOptions {
  /** @default { context: '.', dockerfile: 'Dockerfile' } */
  readonly image?: ImageOptions;
  /** @default { port: 3000, healthCheck: { path: '/health' } } */
  readonly http?: HttpOptions;
  /** @default { cpu: 256, memory: 512 } */
  readonly task?: TaskOptions;
  /** @default { min: 2, max: 10, cpu: 60 } */
  readonly scaling?: ScalingOptions;
  /** @default none */
  readonly database?: DatabaseOptions;
  /**
   * Command of the same image that brings the database to the release's schema; run as a task of its own.
   * @default none
   */
  readonly migrate?: readonly string[];
  /** @default { cidr: '10.0.0.0/16', natGateways: 1 } */
  readonly network?: NetworkOptions;
  /** @default { retentionDays: 30 } */
  readonly logs?: LogOptions;
  /**
   * Name under which the service is reached.
   * @default the load balancer's own name
   */
  readonly domain?: string;
  /** @default none */
  readonly alarms?: AlarmOptions;
  /** @default none */
  readonly cache?: CacheOptions;
  /**
   * Refuse to delete what cannot be made again, data and images, and keep the database if its stack goes nevertheless.
   * With `false` all stacks can be deleted; of the database a final snapshot remains.
   * @default true
   */
  readonly deletionProtection?: boolean;
  /** @default { plane: 'process' } */
  readonly local?: LocalOptions;
  /**
   * Tags of every resource, next to those that the blueprint sets.
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The same options with nothing required: what an environment overrides, it names; the rest is the service's. */
export type Overrides<T> = T extends readonly unknown[] | string | number | boolean
  ? T
  : { readonly [K in keyof T]?: Overrides<Exclude<T[K], undefined>> };

/** One environment: where it is and what it says differently. Options are merged deeply; lists are replaced. */
export interface EnvironmentOptions extends Overrides<ServiceOptions> {
  /** AWS region, for instance 'eu-central-1'. Give this or `regions`. */
  readonly region?: string;
  /** AWS regions, the first one leading. Give this or `region`. */
  readonly regions?: readonly string[];
}

/** A web service and its environments: what `plimsoll.config.ts` exports. */
export interface ServiceDefinition extends ServiceOptions {
  /** Lower-case letters, digits and hyphens, 2 to 24 characters: it is part of every name. */
  readonly name: string;
  /** The environments by name: lower-case letters, digits and hyphens, up to 12 characters. At least one. */
  readonly environments: Readonly<Record<string, EnvironmentOptions>>;
}
