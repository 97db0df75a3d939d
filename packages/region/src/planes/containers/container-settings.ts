import { posix } from 'node:path';
import { environmentOf, processImageLabel } from '../processes/command.ts';
import type { ContainerSpec, TaskSize } from '../processes/container-plane.ts';
import type { EngineImage } from './engine-images.ts';

/** A container whose image the engine has. */
export interface EngineSpec extends ContainerSpec {
  readonly image: EngineImage;
}

export interface SettingsSource {
  readonly spec: EngineSpec;
  /** `taskEnvironment` of the process plane: wins over the image's. */
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taskSize?: TaskSize | undefined;
  readonly machine: Machine;
}

/** What of this machine ends up in a container. */
export interface Machine {
  /** The Node.js that runs the region. */
  readonly nodePath: string;
  /** Folders of the operating system as `source:target`, for images that hold none. */
  readonly systemFolders: readonly string[];
  /** Hard limits of this process, which an engine may not be allowed to exceed. */
  readonly maximumOpenFiles: number;
  readonly maximumProcesses: number;
}

/** The body of `POST /containers/create`. https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerCreate */
export function containerSettings(source: SettingsSource): object {
  const { spec, labels, machine } = source;
  const { image, entryPoint, command, workingDirectory } = spec;
  const isBare = needsSystem(image);
  return {
    Image: image.engineId,
    Env: environmentFor(source).map(([name, value]) => `${name}=${value}`),
    // Confirmed by docs: an entry point given at run time also clears the image's command; engines do that themselves.
    ...(entryPoint !== undefined && entryPoint.length > 0 && { Entrypoint: entryPoint }),
    ...(command !== undefined && command.length > 0 && { Cmd: command }),
    ...(workingDirectory !== undefined && {
      WorkingDir: posix.normalize(posix.join('/', workingDirectory)),
    }),
    Labels: labels,
    // An image without a system has no place for temporary files. A volume without a name ends with the container.
    ...(isBare && { Volumes: { '/tmp': {} } }),
    HostConfig: {
      // The task shares this machine's network, see README.md: so it reaches the region, and `PORT` is a port of this machine.
      NetworkMode: 'host',
      ...limitsFor(source),
      ...(isBare && { Binds: systemBinds(machine), SecurityOpt: ['label=disable'] }),
      // The region keeps the log; a copy by the engine would grow without bounds.
      LogConfig: { Type: 'none' },
      Ulimits: ulimitsFor(machine),
    },
  };
}

/** Images that Plimsoll packed hold the built application and no operating system. */
export function needsSystem(image: EngineImage): boolean {
  return image.config.Labels?.[processImageLabel] === 'true';
}

function environmentFor({ spec, environment }: SettingsSource): [string, string][] {
  const ofImage = environmentOf(spec.image.config);
  return Object.entries({
    HOST: '127.0.0.1',
    ...ofImage,
    ...(needsSystem(spec.image) && ofThisMachine),
    ...environment,
  });
}

const nodeFolder = '/opt/plimsoll/bin';
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const ofThisMachine = {
  PATH: `${nodeFolder}:${systemPath}`,
  TZ: 'UTC',
  // What the SDK thinks of the region's Node.js is no news of the task.
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

function systemBinds({ nodePath, systemFolders }: Machine): readonly string[] {
  return [...systemFolders.map((folder) => `${folder}:ro`), `${nodePath}:${nodeFolder}/node:ro`];
}

/**
 * Confirmed by docs: on Fargate the task's size is a hard limit; a container's `memory` is one within it, its `cpu` its share
 * when the containers of a task compete. Here the task's size limits each container, not their sum.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
 */
function limitsFor({ spec, taskSize }: SettingsSource): object {
  const memoryMiB = spec.memoryMiB ?? taskSize?.memoryMiB;
  const bytes = (memoryMiB ?? 0) * 1024 * 1024;
  return {
    ...(bytes > 0 && { Memory: bytes, MemorySwap: bytes }),
    ...(taskSize !== undefined && { NanoCpus: Math.round((taskSize.cpu / 1024) * 1e9) }),
    // Confirmed by docs: Linux's least share is 2.
    ...(spec.cpu !== undefined && { CpuShares: Math.max(2, spec.cpu) }),
  };
}

/**
 * Confirmed by docs: on Fargate `nofile` is 65535, soft and hard. Engines start from limits of their own, which fail where they
 * exceed those of the engine itself: so both are given, and never more than this process may have.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_limits
 */
function ulimitsFor({ maximumOpenFiles, maximumProcesses }: Machine): object[] {
  const ulimit = (Name: string, limit: number) => ({ Name, Soft: limit, Hard: limit });
  return [
    ulimit('nofile', Math.min(65_535, maximumOpenFiles)),
    // Chosen: Podman lowers its own to 32768, and a container cannot have more.
    ulimit('nproc', Math.min(32_768, maximumProcesses)),
  ];
}
