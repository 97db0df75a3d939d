/** The planes of one region, opened on its home; and what ends leftovers of an earlier run that was killed. */
import { join } from 'node:path';
import type { Kernel } from './kernel/kernel.ts';
import type { RegionMessage } from './kernel/message.ts';
import type { Tables } from './kernel/table.ts';
import { AddressBook } from './planes/address-book.ts';
import { BlobStore } from './planes/blobs/blob-store.ts';
import { ImageStore } from './planes/images/image-store.ts';
import { LoadBalancerPlane } from './planes/load-balancer/load-balancer-plane.ts';
import { PostgresPlane } from './planes/postgres/postgres-plane.ts';
import { ProcessPlane } from './planes/processes/process-plane.ts';
import { TaskEndpoints } from './planes/processes/task-endpoints.ts';
import { reapLeftovers } from './planes/processes/watchdog.ts';
import { taskDocuments } from './task-documents.ts';

export interface PlaneOptions {
  readonly home: string;
  readonly region: string;
  readonly host: string;
  readonly httpPort: number;
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
  readonly images: ImageStore;
  readonly processes: ProcessPlane;
  readonly databases: PostgresPlane;
  readonly loadBalancers: LoadBalancerPlane;
  close(): Promise<void>;
}

export async function openPlanes(options: PlaneOptions): Promise<Planes> {
  const { home, region, report } = options;
  await reapLeftovers(home);
  const addresses = new AddressBook();
  const objects = new BlobStore(join(home, 'objects'));
  const layers = new BlobStore(join(home, 'layers'));
  const images = new ImageStore(join(home, 'images'), layers);
  const taskEndpoints = new TaskEndpoints(taskDocuments(options.tables, options.kernel));
  await Promise.all([objects.open(), layers.open(), images.open(), taskEndpoints.open()]);
  const processes = new ProcessPlane({
    home,
    region,
    endpointUrl: options.endpointUrl,
    images,
    taskEndpoints,
    now: options.now,
  });
  await processes.open();
  const databases = new PostgresPlane({ home });
  const loadBalancers = new LoadBalancerPlane({
    addresses,
    httpPort: options.httpPort,
    host: options.host,
    onFailure: (error) =>
      report({
        code: 'load-balancer-failed',
        level: 'error',
        text: `The load balancers stopped: ${error.stack ?? error.message}`,
      }),
  });
  return {
    addresses,
    objects,
    layers,
    images,
    processes,
    databases,
    loadBalancers,
    close: async () => {
      await loadBalancers.close();
      await processes.close();
      await Promise.all([databases.close(), taskEndpoints.close()]);
    },
  };
}
