/** A thread of the balancer: user traffic and health checks, told what to do and reporting by messages. */
import { parentPort, workerData } from 'node:worker_threads';
import type { CounterReport } from '../../services/elbv2/ports.ts';
import { Balancer } from './balancer.ts';
import type { FromWorker, ResolvedConfiguration, ToWorker, WorkerOptions } from './messages.ts';
import { probe } from './probe.ts';
import { TICK_MS, tick } from './ticks.ts';

const { host, isOneOfSeveral } = workerData as WorkerOptions;
const balancers = new Map<string, Balancer>();
const port = parentPort;
if (!port) throw new Error('The balancer runs in a worker thread only.');

/** Chosen: at the end of the region, requests in flight have this long. */
const SHUTDOWN_GRACE_MS = 2000;
const TICKS_PER_REPORT = 1000 / TICK_MS;
let ticked = 0;

const timer = setInterval(() => {
  tick();
  for (const balancer of balancers.values()) balancer.sweep();
  ticked += 1;
  if (ticked % TICKS_PER_REPORT === 0) report();
}, TICK_MS);

port.on('message', (message: ToWorker) => {
  void handle(message).then(send);
});

async function handle(message: ToWorker): Promise<FromWorker> {
  const { id } = message;
  switch (message.kind) {
    case 'configure':
      return {
        kind: 'configured',
        id,
        outcome: await balancerOf(message.configuration).configure(message.configuration),
      };
    case 'probe':
      return { kind: 'probed', id, outcome: await probe(message.probe) };
    case 'stopListening':
      await balancers.get(message.loadBalancerArn)?.stopListening();
      return { kind: 'stoppedListening', id };
    case 'takeCounters':
      return { kind: 'countersTaken', id, reports: takeCounters() };
    case 'remove':
      await remove(message.loadBalancerArn);
      return { kind: 'removed', id };
    case 'close':
      await Promise.all([...balancers.values()].map((balancer) => balancer.close(SHUTDOWN_GRACE_MS)));
      clearInterval(timer);
      reportRequests();
      return { kind: 'closed', id };
  }
}

function balancerOf(configuration: ResolvedConfiguration): Balancer {
  const arn = configuration.loadBalancerArn;
  const known = balancers.get(arn);
  if (known) return known;
  const created = new Balancer(host, configuration);
  balancers.set(arn, created);
  return created;
}

async function remove(loadBalancerArn: string): Promise<void> {
  const balancer = balancers.get(loadBalancerArn);
  await balancer?.close();
  reportRequests();
  balancers.delete(loadBalancerArn);
}

function report(): void {
  reportRequests();
  if (isOneOfSeveral) return;
  const reports = takeCounters();
  if (reports.length > 0) send({ kind: 'counted', reports });
}

function takeCounters(): readonly CounterReport[] {
  return [...balancers.values()].flatMap((balancer) => balancer.takeCounters() ?? []);
}

function reportRequests(): void {
  const batches = [...balancers.values()].flatMap((balancer) => balancer.takeRequests() ?? []);
  if (batches.length > 0) send({ kind: 'logged', batches });
}

function send(message: FromWorker): void {
  port?.postMessage(message);
}
