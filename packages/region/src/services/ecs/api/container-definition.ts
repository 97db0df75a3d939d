import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { clientException } from '../errors.ts';

type Member = keyof ContainerDefinition;

const accepted: ReadonlySet<string> = new Set<Member>([
  'name',
  'image',
  'cpu',
  'memory',
  'memoryReservation',
  'portMappings',
  'essential',
  'entryPoint',
  'command',
  'environment',
  'secrets',
  'dependsOn',
  'stopTimeout',
  'workingDirectory',
  'dockerLabels',
  'logConfiguration',
  'healthCheck',
]);

/** Without effect here; told once. */
const ignored: { readonly [member in Member]?: string } = {
  user: 'tasks run as the user of the region',
  readonlyRootFilesystem: 'the file system of a task is not sealed',
  linuxParameters: 'Linux parameters are not applied',
  ulimits: 'limits are not applied',
  interactive: 'no terminal is attached',
  pseudoTerminal: 'no terminal is attached',
  startTimeout: 'a dependency may take as long as it wants',
  versionConsistency: 'an image is resolved to its digest as each task starts',
};

/** Confirmed by API text for the rules; the messages are Known. */
export function checkContainer(
  ctx: Context,
  container: ContainerDefinition,
  request: RegisterTaskDefinitionRequest,
): void {
  checkMembers(ctx, container);
  if (!container.name) throw clientException('Container.name should not be null or empty.');
  if (!/^[\w-]{1,255}$/.test(container.name)) {
    throw clientException('Container.name contains invalid characters.');
  }
  if (!container.image) throw clientException('Container.image should not be null or empty.');
  checkNumbers(container);
  checkPorts(container);
  checkLogs(container, request);
  checkSecrets(container, request);
  checkHealthCheck(container);
  checkDependencies(container, request.containerDefinitions ?? []);
}

function checkMembers(ctx: Context, container: ContainerDefinition): void {
  for (const [member, value] of Object.entries(container)) {
    const isEmpty = value === undefined || (Array.isArray(value) && value.length === 0);
    if (accepted.has(member) || isEmpty || value === false) continue;
    const reason = ignored[member as Member];
    if (reason === undefined) {
      throw notModelled(`ecs RegisterTaskDefinition: containerDefinitions[].${member}`, 'ecs');
    }
    ctx.warn(
      'ignored-member',
      `ecs RegisterTaskDefinition: containerDefinitions[].${member} is ignored: ${reason}`,
    );
  }
}

function checkNumbers({ name, stopTimeout, memory, memoryReservation }: ContainerDefinition): void {
  if (stopTimeout !== undefined && (stopTimeout < 2 || stopTimeout > 120)) {
    throw clientException(
      `Invalid setting for container '${name}'. 'stopTimeout' must be between 2 and 120 seconds.`,
    );
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw clientException(
      `Invalid setting for container '${name}'. The 'memoryReservation' value must be less than the 'memory' value.`,
    );
  }
}

function checkPorts({ portMappings = [] }: ContainerDefinition): void {
  for (const mapping of portMappings) {
    const { containerPort = 0, hostPort, protocol, containerPortRange } = mapping;
    if (containerPortRange !== undefined) {
      throw notModelled('ecs RegisterTaskDefinition: portMappings[].containerPortRange', 'ecs');
    }
    if (protocol === 'udp')
      throw notModelled('ecs RegisterTaskDefinition: portMappings[].protocol udp', 'ecs');
    if (containerPort < 1 || containerPort > 65535) {
      throw clientException(`Invalid 'containerPort' setting for container: ${containerPort}`);
    }
    if (hostPort !== undefined && hostPort !== 0 && hostPort !== containerPort) {
      throw clientException(
        'When networkMode=awsvpc, the host ports and container ports in port mappings must match.',
      );
    }
  }
}

const logOptions: ReadonlySet<string> = new Set([
  'awslogs-group',
  'awslogs-region',
  'awslogs-stream-prefix',
  'awslogs-create-group',
  'mode',
  'max-buffer-size',
]);

function checkLogs({ logConfiguration }: ContainerDefinition, request: RegisterTaskDefinitionRequest): void {
  if (logConfiguration === undefined) return;
  const { logDriver, options = {}, secretOptions = [] } = logConfiguration;
  if (logDriver !== 'awslogs') throw notModelled(`ecs RegisterTaskDefinition: logDriver ${logDriver}`, 'ecs');
  if (secretOptions.length > 0) {
    throw notModelled('ecs RegisterTaskDefinition: logConfiguration.secretOptions', 'ecs');
  }
  for (const option of ['awslogs-group', 'awslogs-region', 'awslogs-stream-prefix']) {
    if (!options[option]) throw clientException(`Log driver awslogs requires options: ${option}`);
  }
  for (const option of Object.keys(options)) {
    if (!logOptions.has(option)) throw notModelled(`ecs RegisterTaskDefinition: log option ${option}`, 'ecs');
  }
  if (!request.executionRoleArn) {
    throw clientException(
      'Fargate requires task definition to have execution role ARN to support log driver awslogs.',
    );
  }
}

function checkSecrets(
  { secrets = [], environment = [] }: ContainerDefinition,
  request: RegisterTaskDefinitionRequest,
): void {
  if (secrets.length === 0) return;
  if (!request.executionRoleArn) {
    throw clientException(
      "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    );
  }
  const names = [...environment, ...secrets].map(({ name }) => name);
  const shared = secrets.find(({ name }) => names.indexOf(name) !== names.lastIndexOf(name));
  if (shared) {
    throw clientException(
      'The secret name must be unique and not shared with any new or existing environment variables set on the ' +
        `container, such as '${shared.name}'.`,
    );
  }
}

function checkHealthCheck({ name, healthCheck }: ContainerDefinition): void {
  if (healthCheck === undefined) return;
  const [kind] = healthCheck.command ?? [];
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') {
    throw clientException(
      `Invalid setting for container '${name}'. The health check command must begin with CMD or CMD-SHELL.`,
    );
  }
  const limits = { interval: [5, 300], timeout: [2, 60], retries: [1, 10], startPeriod: [0, 300] } as const;
  for (const [member, [minimum, maximum]] of Object.entries(limits)) {
    const value = healthCheck[member as keyof typeof limits];
    if (value !== undefined && (value < minimum || value > maximum)) {
      throw clientException(
        `Invalid setting for container '${name}'. Health check ${member} must be between ${minimum} and ${maximum}.`,
      );
    }
  }
}

function checkDependencies(
  { name, dependsOn = [] }: ContainerDefinition,
  all: readonly ContainerDefinition[],
): void {
  for (const { containerName, condition } of dependsOn) {
    const other = all.find((container) => container.name === containerName);
    if (other === undefined || other.name === name) {
      throw clientException(
        `Invalid setting for container '${name}'. It depends on unknown container '${containerName}'.`,
      );
    }
    if (condition === 'HEALTHY' && other.healthCheck === undefined) {
      throw clientException(
        `Invalid setting for container '${name}'. Container '${containerName}' has no health check configured.`,
      );
    }
    if ((condition === 'COMPLETE' || condition === 'SUCCESS') && other.essential !== false) {
      throw clientException(
        `Invalid setting for container '${name}'. Dependency condition ${condition} cannot be set on an essential container.`,
      );
    }
  }
}

/** Refuses containers that wait for each other. */
export function checkNoCycle(containers: readonly ContainerDefinition[]): void {
  const visit = (name: string | undefined, path: readonly (string | undefined)[]): void => {
    if (path.includes(name)) throw clientException('Container dependencies contain a cycle.');
    for (const { containerName } of containers.find((one) => one.name === name)?.dependsOn ?? []) {
      visit(containerName, [...path, name]);
    }
  };
  for (const { name } of containers) visit(name, []);
}
