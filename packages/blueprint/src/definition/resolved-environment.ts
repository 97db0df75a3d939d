import { isObject } from './check.ts';
import { usableConnections } from './database-connections.ts';
import type {
  AlarmOptions,
  CacheOptions,
  CooldownOptions,
  DatabaseOptions,
  EnvironmentOptions,
  HealthCheckOptions,
  HttpOptions,
  ImageOptions,
  LocalOptions,
  LogOptions,
  NetworkOptions,
  ScalingOptions,
  ServiceDefinition,
  ServiceOptions,
  TaskOptions,
} from './service-definition.ts';

type Complete<T, Optional extends keyof T = never> = Required<Omit<T, Optional>> & Pick<T, Optional>;

/** One environment of a service, merged and with every default in place: what the stacks are built from. */
export interface ResolvedEnvironment {
  readonly service: string;
  readonly environment: string;
  /** The leading region. */
  readonly region: string;
  readonly regions: readonly string[];
  readonly image: Complete<ImageOptions, 'command'>;
  readonly http: Complete<Omit<HttpOptions, 'healthCheck'>> & {
    readonly healthCheck: Complete<HealthCheckOptions>;
  };
  readonly task: Complete<TaskOptions>;
  readonly scaling: Complete<
    Omit<ScalingOptions, 'cooldowns'>,
    'schedule' | 'memory' | 'requestsPerTarget'
  > & { readonly cooldowns: Complete<CooldownOptions> };
  readonly database?: Complete<DatabaseOptions>;
  readonly migrate?: readonly string[];
  readonly network: Complete<NetworkOptions>;
  readonly logs: Complete<LogOptions>;
  readonly domain?: string;
  readonly alarms: Complete<Omit<AlarmOptions, 'email' | 'databaseConnections'>> & {
    readonly email: readonly string[];
    /** Only with a database. */
    readonly databaseConnections?: number;
  };
  readonly cache?: CacheOptions;
  readonly deletionProtection: boolean;
  readonly local: Complete<LocalOptions>;
  readonly permissionsBoundary?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** MiB that Fargate offers for each number of CPU units. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html */
export const fargateMemory: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

/**
 * Merges the environment over the service and puts the defaults in place.
 * @param definition validated by `defineService`
 * @throws Error if the definition has no such environment; the message names those that it has
 */
export function resolveEnvironment(definition: ServiceDefinition, environment: string): ResolvedEnvironment {
  const overrides = definition.environments[environment];
  if (overrides === undefined) {
    const known = Object.keys(definition.environments).join(', ');
    throw new Error(`${definition.name} has no environment '${environment}'; it has: ${known}`);
  }
  const options = mergedOptions(definition, overrides);
  const regions = overrides.regions ?? (overrides.region === undefined ? [] : [overrides.region]);
  const [region] = regions;
  if (region === undefined) throw new Error(`environments.${environment} names no region`);
  const database = options.database && resolvedDatabase(definition.name, options.database);
  return {
    service: definition.name,
    environment,
    region,
    regions,
    image: { context: '.', dockerfile: 'Dockerfile', ...options.image },
    http: {
      port: 3000,
      ...options.http,
      healthCheck: { path: '/health', gracePeriodSeconds: 30, ...options.http?.healthCheck },
    },
    task: resolvedTask(options.task),
    scaling: resolvedScaling(options.scaling),
    ...(database && { database }),
    ...(options.migrate && { migrate: options.migrate }),
    network: { cidr: '10.0.0.0/16', natGateways: 1, ...options.network },
    logs: { retentionDays: 30, ...options.logs },
    ...(options.domain !== undefined && { domain: options.domain }),
    alarms: resolvedAlarms(options, database),
    ...(options.cache && { cache: options.cache }),
    deletionProtection: options.deletionProtection ?? true,
    local: { plane: 'process', ...options.local },
    ...(options.permissionsBoundary !== undefined && { permissionsBoundary: options.permissionsBoundary }),
    tags: { ...options.tags },
  };
}

/** The service's options with the environment's laid over them, without defaults. */
export function mergedOptions(definition: ServiceDefinition, overrides: EnvironmentOptions): ServiceOptions {
  const { name: _name, environments: _environments, ...base } = definition;
  const { region: _region, regions: _regions, ...over } = overrides;
  return merge(base, over) as ServiceOptions;
}

function merge(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(base[key], over[key])]));
}

function resolvedTask(task: TaskOptions = {}): ResolvedEnvironment['task'] {
  const cpu = task.cpu ?? 256;
  return {
    memory: fargateMemory[cpu]?.[0] ?? 512,
    environment: {},
    stopTimeoutSeconds: 30,
    ...task,
    cpu,
  };
}

function resolvedScaling(scaling: ScalingOptions = {}): ResolvedEnvironment['scaling'] {
  return {
    min: 2,
    max: Math.max(10, scaling.min ?? 2),
    cpu: 60,
    ...scaling,
    cooldowns: { in: 300, out: 60, ...scaling.cooldowns },
  };
}

function resolvedAlarms(
  { alarms = {}, scaling, deletionProtection = true }: ServiceOptions,
  database: ResolvedEnvironment['database'],
): ResolvedEnvironment['alarms'] {
  const { email = [], ...given } = alarms;
  return {
    rollback: deletionProtection,
    loadBalancerErrorPercent: 1,
    targetErrorPercent: 5,
    latencySeconds: 1,
    unhealthyTargets: 1,
    cpuPercent: above(scaling?.cpu ?? 60),
    memoryPercent: above(scaling?.memory ?? 0),
    databaseCpuPercent: 90,
    databaseFreeStoragePercent: 15,
    ...(database && { databaseConnections: Math.floor(usableConnections(database.instanceClass) * 0.8) }),
    ...given,
    email: typeof email === 'string' ? [email] : email,
  };
}

// AWS recommends 80 % for both; scaling that holds more than 70 % would trip it in the normal case.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
function above(held: number): number {
  return Math.max(80, held + 10);
}

function resolvedDatabase(service: string, database: DatabaseOptions): ResolvedEnvironment['database'] & {} {
  return {
    version: '17',
    multiAz: true,
    instanceClass: 'db.t4g.micro',
    storageGiB: 20,
    name: service.replaceAll('-', '_'),
    backupRetentionDays: 7,
    ...database,
  };
}

function steps(first: number, last: number, step: number): readonly number[] {
  return Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
}
