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

/**
 * How many tasks run. Each target is held by itself; the one that asks for the most tasks decides, and tasks stop only
 * when all agree.
 */
export interface ScalingOptions {
  /**
   * Tasks that run at least, while a schedule does not say none.
   * @default 2
   */
  readonly min?: number;
  /**
   * Tasks that may run at most.
   * @default the greater of 10 and `min`
   */
  readonly max?: number;
  /**
   * Average CPU of the tasks, in percent of what they reserve, that scaling holds. 60 leaves room for the minutes until
   * new tasks help.
   * @default 60
   */
  readonly cpu?: number;
  /**
   * Average memory of the tasks, in percent of what they reserve, that scaling holds. Of use to services whose memory
   * falls again with the load.
   * @default memory is not looked at
   */
  readonly memory?: number;
  /**
   * Requests per task and minute that scaling holds.
   * @default requests are not counted
   */
  readonly requestsPerTarget?: number;
  /** @default { in: 300, out: 60 } */
  readonly cooldowns?: CooldownOptions;
  /**
   * When the service runs at all.
   * @default always
   */
  readonly schedule?: Schedule;
}

/** Seconds for which scaling waits for what it did before it does more of the same. */
export interface CooldownOptions {
  /**
   * After tasks were stopped, until more are: long, since a pause in the load is often short.
   * @default 300
   */
  readonly in?: number;
  /**
   * After tasks were started, until more are: about the time that a new task takes to help.
   * @default 60
   */
  readonly out?: number;
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

/** Whom alarms tell, and from where on. All look at minutes, and tell after three bad ones of five unless they say else. */
export interface AlarmOptions {
  /**
   * Addresses to which alarms are mailed. Each has to confirm its subscription once, by the link that SNS mails.
   * @default none: alarms are seen on the dashboard only
   */
  readonly email?: string | readonly string[];
  /**
   * Take a release back by itself when the service answers with errors or slowly while it is released. ECS then watches
   * a release for some minutes after its tasks have started, and the deployment takes so much longer.
   * @default what `deletionProtection` says: an environment that may go need not wait
   */
  readonly rollback?: boolean;
  /**
   * Percent of the requests that the load balancer itself answers with 5xx: it found no task, or got no answer. Low,
   * since a service in order has none.
   * @default 1
   */
  readonly loadBalancerErrorPercent?: number;
  /**
   * Percent of the requests that the tasks answer with 5xx. Not so low that single errors in quiet hours tell.
   * @default 5
   */
  readonly targetErrorPercent?: number;
  /**
   * Seconds within which 99 of 100 requests are answered. Beyond about one, people notice that they wait.
   * @default 1
   */
  readonly latencySeconds?: number;
  /**
   * Tasks that the load balancer finds unhealthy. One is replaced by ECS within a minute or two; it tells when that does
   * not help.
   * @default 1
   */
  readonly unhealthyTargets?: number;
  /**
   * Average CPU of the tasks, in percent, in five minutes of five: scaling has not brought it down, for instance because
   * it is at its maximum.
   * @default 80, but at least 10 more than `scaling.cpu`
   */
  readonly cpuPercent?: number;
  /**
   * Average memory of the tasks, in percent, in five minutes of five: at 100 a task is killed.
   * @default 80, but at least 10 more than `scaling.memory`
   */
  readonly memoryPercent?: number;
  /**
   * The database's CPU, in percent, in five minutes of five. Databases may work hard for a while, and cannot be scaled
   * in minutes.
   * @default 90
   */
  readonly databaseCpuPercent?: number;
  /**
   * Connections to the database. When they run out, tasks cannot reach it.
   * @default about 80 % of what PostgreSQL allows on the instance class
   */
  readonly databaseConnections?: number;
  /**
   * Free storage of the database, in percent of its storage. Without any it stops; RDS advises to act from 85 % used on.
   * @default 15
   */
  readonly databaseFreeStoragePercent?: number;
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
  /** @default { min: 2, max: 10, cpu: 60, cooldowns: { in: 300, out: 60 } } */
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
  /** @default alarms that mail nobody */
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
   * Name of the managed policy that bounds every role of the stacks, for instance that of the delivery stack,
   * `<organization>-delivery-boundary`. It must be in the account; in a local region that has no such policy, Plimsoll makes
   * it as the delivery stack does.
   * @default none
   */
  readonly permissionsBoundary?: string;
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
