import { delimiter, dirname } from 'node:path';
import { environmentOf } from './command.ts';
import type { ContainerSpec, PortBinding } from './container-plane.ts';

/** What a container's environment is made of on any plane. */
export interface TaskEnvironmentSource {
  readonly spec: ContainerSpec;
  readonly ports: readonly PortBinding[];
  readonly region: string;
  /** Where the AWS SDKs find the region, e.g. `http://127.0.0.1:4566`. */
  readonly endpointUrl: string;
  readonly metadataUri?: string | undefined;
  readonly credentials?: { readonly uri: string; readonly authorizationToken: string } | undefined;
}

export interface EnvironmentSource extends TaskEnvironmentSource {
  /** An empty folder, so that nothing reads the user's own `~/.aws` or `~/.npmrc`. */
  readonly homeFolder: string;
  /** Of this machine; only PATH and LANG are taken from it. */
  readonly machine: Readonly<Record<string, string | undefined>>;
  readonly nodePath: string;
  readonly marker: string;
}

/** Every process of a container carries its id here, so that its whole tree is found, wherever it went. */
export const markerName = 'PLIMSOLL_CONTAINER';

/**
 * A container's whole environment: never the region's own, which may hold the user's real credentials.
 * Later entries win: machine, image, what Fargate sets, task definition, secrets, and last what the process needs to be
 * reached on this machine.
 */
export function environmentFor(source: EnvironmentSource): Record<string, string> {
  const { spec, machine } = source;
  const { PATH: _pathOfImage, ...ofImage } = environmentOf(spec.image.config);
  return {
    HOME: source.homeFolder,
    TZ: 'UTC',
    LANG: machine['LANG'] ?? 'C.UTF-8',
    HOST: '127.0.0.1',
    ...ofImage,
    // The process runs on the region's Node.js, not on its image's: what the SDK thinks of that one is no news of the task.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    PATH: pathFor(source),
    ...taskEnvironment(source),
    [markerName]: source.marker,
  };
}

/**
 * What every plane gives a container above its image's environment, later entries win: what Fargate sets, the task
 * definition, secrets, and last what the container needs to be reached on this machine.
 */
export function taskEnvironment(source: TaskEnvironmentSource): Record<string, string> {
  const { spec } = source;
  return {
    ...ofFargate(source),
    ...spec.environment,
    ...spec.secrets,
    ...ofTask(source),
    ...portsOf(source.ports),
  };
}

function ofFargate({ region, endpointUrl }: TaskEnvironmentSource): Record<string, string> {
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_ENDPOINT_URL: endpointUrl,
    // Fargate has no instance metadata; the machine that we run on may have, with credentials that are not the task's.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function ofTask({ metadataUri, credentials }: TaskEnvironmentSource): Record<string, string> {
  return {
    ...(metadataUri === undefined ? {} : { ECS_CONTAINER_METADATA_URI_V4: metadataUri }),
    ...(credentials === undefined
      ? {}
      : {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: credentials.uri,
          AWS_CONTAINER_AUTHORIZATION_TOKEN: credentials.authorizationToken,
        }),
  };
}

/** The first port is `PORT`; each is also there by its container port, for containers that listen on several. */
function portsOf(ports: readonly PortBinding[]): Record<string, string> {
  const [first] = ports;
  if (first === undefined) return {};
  const each = ports.map(
    ({ containerPort, hostPort }) => [`PORT_${containerPort}`, String(hostPort)] as const,
  );
  return { PORT: String(first.hostPort), ...Object.fromEntries(each) };
}

function pathFor({ machine, nodePath }: EnvironmentSource): string {
  const system = machine['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
  return [dirname(nodePath), system].join(delimiter);
}
