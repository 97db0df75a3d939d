import { notModelled } from '../../../kernel/aws-error.ts';
import { page } from '../../../kernel/page.ts';
import { invalidNextToken, validationException } from '../errors.ts';

interface Resource {
  readonly ServiceNamespace: string | undefined;
  readonly ResourceId?: string | undefined;
  readonly ScalableDimension?: string | undefined;
}

/** The resource id of an ECS service. Everything else is refused by name. */
export function checkResource({ ServiceNamespace, ResourceId, ScalableDimension }: Resource): string {
  checkNamespace(ServiceNamespace);
  const resourceId = checkGiven('resourceId', ResourceId);
  const dimension = checkGiven('scalableDimension', ScalableDimension);
  if (dimension !== 'ecs:service:DesiredCount' || !/^service\/[\w-]{1,255}\/[\w-]{1,255}$/.test(resourceId)) {
    // Known: the text.
    throw validationException('Unsupported service namespace, resource type or scalable dimension');
  }
  return resourceId;
}

/** Confirmed by API text: the values. */
const namespaces: readonly string[] = [
  'appstream',
  'cassandra',
  'comprehend',
  'custom-resource',
  'dynamodb',
  'ec2',
  'ecs',
  'elasticache',
  'elasticmapreduce',
  'kafka',
  'lambda',
  'neptune',
  'rds',
  'sagemaker',
  'workspaces',
];

/** Whatever is not one of them is a slip, which an empty answer would hide. */
function checkKnown(namespace: string | undefined): string {
  const given = checkGiven('serviceNamespace', namespace);
  if (namespaces.includes(given)) return given;
  throw validationException(
    `1 validation error detected: Value '${given}' at 'serviceNamespace' failed to satisfy constraint: Member must satisfy enum value set: [${namespaces.join(', ')}]`,
  );
}

/** Other namespaces have nothing in this region: a change is refused by name, a question is answered with nothing. */
function checkNamespace(namespace: string | undefined): void {
  const given = checkKnown(namespace);
  if (given !== 'ecs')
    throw notModelled(`applicationautoscaling service namespace ${given}`, 'applicationautoscaling');
}

export function checkGiven<T>(member: string, given: T | undefined): T {
  if (given !== undefined && given !== '') return given;
  throw validationException(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

export function checkName(member: string, given: string | undefined, maximum: number): string {
  const name = checkGiven(member, given);
  if (name.length <= maximum) return name;
  throw validationException(
    `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${maximum}`,
  );
}

interface Question extends Resource {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page of what there is for the namespace, the resource and the dimension that were asked for. */
export function pageOf<T extends { readonly resourceId: string }>(
  records: Iterable<T>,
  question: Question,
  { size, matches = () => true }: { readonly size: number; readonly matches?: (record: T) => boolean },
): { readonly items: T[]; readonly next: { readonly NextToken?: string } } {
  const { ResourceId, ScalableDimension, MaxResults, NextToken } = question;
  const namespace = checkKnown(question.ServiceNamespace);
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > size)) {
    throw validationException(
      `1 validation error detected: Value '${MaxResults}' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and ${size}`,
    );
  }
  if (ScalableDimension !== undefined && !ScalableDimension.startsWith(`${namespace}:`)) {
    throw validationException('Unsupported service namespace, resource type or scalable dimension');
  }
  const found =
    namespace === 'ecs'
      ? [...records].filter((one) => (ResourceId ?? one.resourceId) === one.resourceId && matches(one))
      : [];
  const { items, nextToken } = page(found, NextToken, MaxResults ?? size, invalidNextToken);
  return { items, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}
