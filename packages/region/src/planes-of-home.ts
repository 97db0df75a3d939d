/** The planes of one region, opened on its home; and what ends leftovers of an earlier run that was killed. */
import { join } from 'node:path';
import type { Kernel } from './kernel/kernel.ts';
import type { RegionMessage } from './kernel/message.ts';
import type { Tables } from './kernel/table.ts';
import { type NotificationOptions, type Notifications, openNotifications } from './notifications.ts';
import { AddressBook } from './planes/address-book.ts';
import { BlobStore } from './planes/blobs/blob-store.ts';
import { EnginePlane } from './planes/containers/engine-plane.ts';
import { ImageStore } from './planes/images/image-store.ts';
import { LoadBalancerPlane } from './planes/load-balancer/load-balancer-plane.ts';
import { Traffic } from './planes/load-balancer/traffic.ts';
import { PostgresPlane } from './planes/postgres/postgres-plane.ts';
import type { ContainerPlane } from './planes/processes/container-plane.ts';
import { ProcessPlane } from './planes/processes/process-plane.ts';
import { type TaskDocuments, TaskEndpoints } from './planes/processes/task-endpoints.ts';
import { reapLeftovers } from './planes/processes/watchdog.ts';
import { taskDocuments } from './task-documents.ts';

/** What tasks run on: processes of this machine, or containers of Docker or Podman. */
export type TaskPlane = 'process' | 'container';

export interface PlaneOptions extends Pick<NotificationOptions, 'smtpUrl' | 'snsEndpoints'> {
  readonly home: string;
  readonly region: string;
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly balancerWorkers: number;
  readonly plane: TaskPlane;
  readonly now: () => number;
  readonly tables: Tables;
  readonly report: (message: RegionMessage) => void;
  /** Known only once the kernel runs and the gateway listens. */
  readonly kernel: () => Kernel;
  readonly endpointUrl: () => string;
}

export interface Planes {
  readonly addresses: AddressBook;
  /** Bodies of S3 objects. */
  readonly objects: BlobStore;
  /** Layers and manifests of images: a store of their own, so that ECR can drop what no image names. */
  readonly layers: BlobStore;
  /** Images made ready to run: the plane's own. */
  readonly images: Pick<ImageStore, 'keepOnly'>;
  readonly tasks: ContainerPlane;
  readonly databases: PostgresPlane;
  readonly loadBalancers: LoadBalancerPlane;
  /** What those carry, as it is. */
  readonly traffic: Traffic;
  /** What SNS sends by. */
  readonly notifications: Notifications;
  close(): Promise<void>;
}

export async function openPlanes(options: PlaneOptions): Promise<Planes> {
  const { home, report } = options;
  const notifications = openNotifications(options);
  await reapLeftovers(home);
  const addresses = new AddressBook();
  const objects = new BlobStore(join(home, 'objects'));
  const layers = new BlobStore(join(home, 'layers'));
  const documents = taskDocuments(options.tables, options.kernel);
  const taskEndpoints = new TaskEndpoints(documents);
  await Promise.all([objects.open(), layers.open()]);
  const { tasks, images } = await openTaskPlane(options, { layers, taskEndpoints, documents });
  await taskEndpoints.open();
  const databases = new PostgresPlane({ home });
  const loadBalancers = new LoadBalancerPlane({
    addresses,
    httpPort: options.httpPort,
    httpsPort: options.httpsPort,
    host: options.host,
    workers: options.balancerWorkers,
    onFailure: (error) =>
      report({
        code: 'load-balancer-failed',
        level: 'error',
        text: `${options.balancerWorkers === 1 ? 'The load balancers' : 'A worker of the load balancers'} stopped: ${error.stack ?? error.message}`,
      }),
  });
  return {
    addresses,
    objects,
    layers,
    images,
    tasks,
    databases,
    loadBalancers,
    traffic: new Traffic(Date.now),
    notifications,
    close: async () => {
      notifications.close();
      await loadBalancers.close();
      await tasks.close();
      await Promise.all([databases.close(), taskEndpoints.close()]);
    },
  };
}

interface TaskPlaneParts {
  readonly layers: BlobStore;
  readonly taskEndpoints: TaskEndpoints;
  readonly documents: TaskDocuments;
}

async function openTaskPlane(
  options: PlaneOptions,
  { layers, taskEndpoints, documents }: TaskPlaneParts,
): Promise<Pick<Planes, 'tasks' | 'images'>> {
  const { home, region, endpointUrl, now, report } = options;
  const taskSize = (taskArn: string) => sizeOf(documents, taskArn);
  const common = { home, region, endpointUrl, taskEndpoints, taskSize, now };
  if (options.plane === 'container') {
    const plane = new EnginePlane({
      ...common,
      blobs: layers,
      onFailure: (error) =>
        report({
          code: 'container-engine-failed',
          level: 'warning',
          text: `The container engine: ${error.message}`,
        }),
    });
    await plane.open();
    return { tasks: plane, images: plane };
  }
  const images = new ImageStore(join(home, 'images'), layers);
  await images.open();
  const plane = new ProcessPlane({
    ...common,
    images,
    onNotEnforced: (text) => report({ code: 'limits-not-enforced', level: 'warning', text }),
  });
  await plane.open();
  return { tasks: plane, images };
}

/** As the task's metadata tells it: in cores there, in CPU units here. */
async function sizeOf(
  documents: TaskDocuments,
  taskArn: string,
): Promise<{ readonly cpu: number; readonly memoryMiB: number } | undefined> {
  const task = (await documents.task(taskArn, { withTags: false })) as
    | { readonly Limits: { readonly CPU: number; readonly Memory: number } }
    | undefined;
  return task && { cpu: task.Limits.CPU * 1024, memoryMiB: task.Limits.Memory };
}
