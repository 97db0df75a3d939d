import { closeSync, constants, openSync, readSync } from 'node:fs';

/**
 * Whether the kernel ended a process of this container for want of memory, by the kernel's own log, which names the container
 * in the path of its cgroup. For engines that miss it: Podman's monitor cannot see it in cgroup v1 of newer kernels. Where this
 * user may not read the kernel's log, the answer is no.
 */
export function wasKilledForMemory(containerId: string): boolean {
  const kill = new RegExp(`oom-kill:.*oom_memcg=\\S*${containerId}`);
  return kernelMessages().some((message) => kill.test(message));
}

/** Each read gives one record. https://www.kernel.org/doc/Documentation/ABI/testing/dev-kmsg */
function kernelMessages(): readonly string[] {
  const messages: string[] = [];
  const record = Buffer.alloc(8192);
  let log: number | undefined;
  try {
    log = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
    for (;;) {
      const size = readRecord(log, record);
      if (size !== undefined) messages.push(record.toString('utf8', 0, size));
    }
  } catch {
    // EAGAIN: the end. Others: not readable here.
  } finally {
    if (log !== undefined) closeSync(log);
  }
  return messages;
}

/** `undefined` for a record that was overwritten before it was read: the next read goes on behind it. */
function readRecord(log: number, record: Buffer): number | undefined {
  try {
    return readSync(log, record);
  } catch (error) {
    if ((error as { code?: string }).code === 'EPIPE') return undefined;
    throw error;
  }
}
