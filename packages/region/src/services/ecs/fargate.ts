import { clientException } from './errors.ts';

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);

/** Confirmed by docs: the memory (MiB) that goes with each task CPU (1024 = one vCPU). */
const memoryByCpu: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, range(1024, 4096, 1024)],
  [1024, range(2048, 8192, 1024)],
  [2048, range(4096, 16384, 1024)],
  [4096, range(8192, 30720, 1024)],
  [8192, range(16384, 61440, 4096)],
  [16384, range(32768, 122880, 8192)],
]);

export interface TaskSize {
  readonly cpu: string;
  readonly memory: string;
}

/** `256` or `.25 vCPU`, `512` or `0.5 GB`, as units. Refuses pairs that Fargate does not have. */
export function fargateSize(cpu: string | undefined, memory: string | undefined): TaskSize {
  // Known texts.
  if (!cpu) throw clientException("Fargate requires that 'cpu' be defined at the task level.");
  if (!memory) throw clientException("Fargate requires that 'memory' be defined at the task level.");
  const cpuUnits = inUnits(cpu, /^([\d.]+)\s*vcpu$/i);
  const memoryUnits = inUnits(memory, /^([\d.]+)\s*gb$/i);
  if (cpuUnits === undefined) throw clientException(`Invalid 'cpu' setting for task: ${cpu}`);
  if (memoryUnits === undefined) throw clientException(`Invalid 'memory' setting for task: ${memory}`);
  if (!memoryByCpu.get(cpuUnits)?.includes(memoryUnits)) {
    throw clientException(
      `No Fargate configuration exists for given values: ${cpuUnits} CPU, ${memoryUnits} memory. ` +
        'See the Amazon ECS documentation for the valid values.',
    );
  }
  return { cpu: String(cpuUnits), memory: String(memoryUnits) };
}

function inUnits(value: string, scaled: RegExp): number | undefined {
  if (/^\d+$/.test(value)) return Number(value);
  const large = scaled.exec(value)?.[1];
  return large === undefined ? undefined : Number(large) * 1024;
}
