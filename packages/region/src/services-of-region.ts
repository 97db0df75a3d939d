/** Every service of a region, with the planes and ports that it needs plugged in. */
import type { Authorizer } from './authorization/authorizer.ts';
import { imagePulls } from './image-pulls.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { ResourceType } from './kernel/resource-type.ts';
import type { ServiceModule } from './kernel/service.ts';
import type { Tables } from './kernel/table.ts';
import { logEvents } from './log-events.ts';
import { readBodyAtOnce, storeText } from './object-bodies.ts';
import type { Settling } from './planes/processes/settling.ts';
import { taskRunner } from './planes/processes/task-runner.ts';
import { manifestStore } from './planes/registry/manifest-store.ts';
import type { Planes } from './planes-of-home.ts';
import { acm } from './services/acm/service.ts';
import { applicationAutoScaling } from './services/applicationautoscaling/service.ts';
import { cloudformation } from './services/cloudformation/service.ts';
import type { MetricStore } from './services/cloudwatch/metrics/store.ts';
import { cloudwatch } from './services/cloudwatch/service.ts';
import { ec2 } from './services/ec2/service.ts';
import { ecr } from './services/ecr/service.ts';
import { ecs } from './services/ecs/service.ts';
import { elbv2 } from './services/elbv2/service.ts';
import type { KeyUses } from './services/iam/ports.ts';
import { iam } from './services/iam/service.ts';
import { kms } from './services/kms/service.ts';
import { logs } from './services/logs/service.ts';
import { rds } from './services/rds/service.ts';
import type { BodySlice } from './services/s3/ports.ts';
import { s3 } from './services/s3/service.ts';
import { secretsmanager } from './services/secretsmanager/service.ts';
import { sns } from './services/sns/service.ts';
import { ssm } from './services/ssm/service.ts';
import { sts } from './services/sts/service.ts';
import type { WebIdentities } from './services/sts/web-identity.ts';
import type { LevelStore } from './store/level-store.ts';

export interface ServiceParts {
  readonly tables: Tables;
  readonly store: LevelStore;
  readonly metrics: MetricStore;
  readonly planes: Planes;
  readonly kernel: Kernel;
  readonly authorizer: Authorizer;
  /** Told of tasks that start and stop, for whoever waits until they have. */
  readonly settling: Settling;
  readonly webIdentities: WebIdentities;
  readonly keyUses: KeyUses;
  /** `localhost:4566` */
  readonly registryHost: () => string;
}

export function servicesOfRegion({
  tables,
  store,
  metrics,
  planes,
  kernel,
  authorizer,
  settling,
  webIdentities,
  keyUses,
  registryHost,
}: ServiceParts): readonly ServiceModule[] {
  const tasks = taskRunner({
    plane: planes.tasks,
    addressBook: planes.addresses,
    resolveImage: imagePulls(kernel, authorizer),
  });
  const modules: ServiceModule[] = [
    sts({ tables, webIdentities }),
    iam({ tables, keyUses }),
    kms({ tables }),
    ssm({ tables }),
    secretsmanager({ tables }),
    acm({ tables }),
    logs({ tables, store: logEvents(store) }),
    s3({
      tables,
      objects: { keepOnly: (wanted) => planes.objects.keepOnly(new Set(wanted), { unusedForMs: 3_600_000 }) },
    }),
    ec2({ tables }),
    ecr({ tables, manifests: manifestStore({ blobs: planes.layers, images: planes.images }), registryHost }),
    rds({ tables, databases: planes.databases, publishesMetrics: true }),
    sns({ tables, ...planes.notifications }),
    cloudwatch({ tables, metrics }),
    applicationAutoScaling({ tables }),
    elbv2({
      tables,
      plane: planes.traffic.watch(planes.loadBalancers),
      accessLogFiles: { store: (text, form) => storeText(planes.objects, text, form) },
      publishesMetrics: true,
    }),
    ecs({ tables, taskRunner: settling.watch(tasks), publishesMetrics: true }),
    cloudformation({
      tables,
      resourceTypes: () => types,
      readTemplate: (ctx, { bucket, key, versionId }) => {
        const { Body } = ctx.call('s3', 'getObject', {
          Bucket: bucket,
          Key: key,
          ...(versionId !== undefined && { VersionId: versionId }),
        });
        return readBodyAtOnce(planes.objects, Body as unknown as BodySlice);
      },
    }),
  ];
  const types: ReadonlyMap<string, ResourceType> = new Map(
    modules.flatMap((module) => (module.resourceTypes ?? []).map((type) => [type.name, type] as const)),
  );
  return modules;
}
