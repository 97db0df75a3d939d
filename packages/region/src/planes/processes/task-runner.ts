import type { Principal } from '../../kernel/context.ts';
import type { ResolvedImage } from '../../services/ecr/ports.ts';
import type { ContainerSpec, PullOutcome, StartOutcome, TaskRunner } from '../../services/ecs/ports.ts';
import type { AddressBook } from '../address-book.ts';
import { ContainerError, type ContainerPlane } from './container-plane.ts';

export interface TaskRunnerOptions {
  readonly plane: ContainerPlane;
  /** Asks ECR what a name in a task definition stands for. */
  readonly resolveImage: (reference: string, puller?: Principal) => Promise<ResolvedImage>;
  /** Told where a task's private address can really be reached. */
  readonly addressBook: AddressBook;
}

/** ECS's task runner on a container plane. */
export function taskRunner({ plane, resolveImage, addressBook }: TaskRunnerOptions): TaskRunner {
  const addresses = new Map<string, Pick<ContainerSpec, 'privateIp' | 'containerPorts'>>();

  const forget = (runtimeId: string): void => {
    const { privateIp, containerPorts } = addresses.get(runtimeId) ?? { privateIp: '', containerPorts: [] };
    for (const port of containerPorts) addressBook.unregister(privateIp, port);
    addresses.delete(runtimeId);
  };

  return {
    async pullImage(reference, puller): Promise<PullOutcome> {
      const resolved = await resolveImage(reference, puller);
      if (resolved.kind === 'failed') return { kind: 'failed', detail: resolved.reason };
      try {
        await plane.pull(resolved.digest);
        return { kind: 'pulled', imageDigest: resolved.digest };
      } catch (error) {
        return { kind: 'failed', detail: textOf(error).replace(/^CannotPullContainerError: /, '') };
      }
    },

    async startContainer(spec): Promise<StartOutcome> {
      try {
        const { runtimeId: id, imageDigest, privateIp, containerPorts, ...rest } = spec;
        const image = await plane.pull(imageDigest);
        const { ports } = await plane.start({ ...rest, id, image, containerPorts });
        addresses.set(id, { privateIp, containerPorts });
        for (const { containerPort, hostPort } of ports) {
          addressBook.register(privateIp, containerPort, { host: '127.0.0.1', port: hostPort });
        }
        return { kind: 'started' };
      } catch (error) {
        const reason =
          error instanceof ContainerError ? error.message : `CannotStartContainerError: ${textOf(error)}`;
        return { kind: 'failed', reason };
      }
    },

    async signalContainer(runtimeId, signal) {
      plane.signal(runtimeId, signal);
    },

    async checkContainer(runtimeId, { command, timeoutSeconds }) {
      const { exitCode } = await plane.exec(runtimeId, command, { timeoutSeconds });
      return { passed: exitCode === 0 };
    },

    async measure() {
      const usages = await plane.measure();
      return usages.map(({ id: runtimeId, ...usage }) => ({ runtimeId, ...usage }));
    },

    connect(deliver) {
      plane.onExit(({ id: runtimeId, exitCode, reason }) => {
        forget(runtimeId);
        deliver({ kind: 'exited', runtimeId, exitCode, ...(reason === undefined ? {} : { reason }) });
      });
      plane.onLog(({ id: runtimeId, events }) => {
        const lines = events.map(({ timestamp, message }) => ({ timestamp, message }));
        deliver({ kind: 'logLines', runtimeId, lines });
      });
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
