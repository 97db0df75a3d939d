import type { Authorizer } from './authorization/authorizer.ts';
import { AwsError } from './kernel/aws-error.ts';
import type { Principal } from './kernel/context.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { ResolvedImage } from './services/ecr/ports.ts';
import { parseImageReference, resolveImage } from './services/ecr/views.ts';

/**
 * ECR's answers to whoever pulls for a task. Confirmed by docs: the task's execution role needs GetAuthorizationToken,
 * BatchCheckLayerAvailability, BatchGetImage and GetDownloadUrlForLayer; the layers themselves come by no API here.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_ECS.html
 */
export function imagePulls(kernel: Kernel, authorizer: Authorizer) {
  return (reference: string, puller?: Principal): Promise<ResolvedImage> =>
    kernel.submit('ecs resolve image', { service: 'ecs' }, (ctx) => {
      if (puller === undefined) return resolveImage(ctx, reference);
      const parsed = parseImageReference(reference, ctx);
      if (parsed === undefined) return resolveImage(ctx, reference);
      const repository = ctx.arn('ecr', `repository/${parsed.repositoryName}`);
      const need = (operation: string, resource: string) =>
        authorizer.require({ caller: puller, service: 'ecr', operation, now: ctx.now }, [
          { action: `ecr:${operation}`, resource },
        ]);
      try {
        need('GetAuthorizationToken', '*');
        const image = resolveImage(ctx.as(puller), reference);
        if (image.kind === 'failed') return image;
        for (const operation of ['BatchCheckLayerAvailability', 'GetDownloadUrlForLayer'])
          need(operation, repository);
        return image;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const reason = `pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${error.code}: ${error.message}`;
        return { kind: 'failed', reason };
      }
    });
}

/** Confirmed by docs: what pushing a layer needs. https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html */
export function layerUploads(authorizer: Authorizer) {
  return (
    request: Pick<Parameters<Authorizer['require']>[0], 'caller' | 'now'>,
    repositoryArn: string,
  ): void => {
    for (const operation of ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'])
      authorizer.require({ ...request, service: 'ecr', operation }, [
        { action: `ecr:${operation}`, resource: repositoryArn },
      ]);
  };
}
