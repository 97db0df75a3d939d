/** Checks of the transforms of rules. */
import type { RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { invalidConfiguration, validationError } from './errors.ts';
import { checkExpression } from './expressions.ts';

/** Confirmed by docs: 1024 characters each. */
const MAX_LENGTH = 1024;

/**
 * Confirmed by docs: at most one of each type.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-transforms.html
 */
export function checkTransforms(transforms: readonly RuleTransform[] = []): void {
  const types = transforms.map(({ Type }) => Type);
  if (new Set(types).size < types.length) {
    throw invalidConfiguration(
      'A rule can have one host-header-rewrite transform and one url-rewrite transform',
    );
  }
  for (const transform of transforms) checkTransform(transform);
}

function checkTransform(transform: RuleTransform): void {
  const { Type, HostHeaderRewriteConfig: host, UrlRewriteConfig: url } = transform;
  if (Type !== 'host-header-rewrite' && Type !== 'url-rewrite') {
    throw validationError(`'${Type}' is not a valid transform type`);
  }
  if ((Type === 'host-header-rewrite' ? url : host) !== undefined) {
    throw validationError(`The configuration does not belong to a transform of type '${Type}'`);
  }
  const [rewrite, second] = rewritesOf(transform);
  if (!rewrite || second)
    throw validationError(`A transform of type '${Type}' must have exactly one rewrite`);
  checkExpression(rewrite.Regex ?? '', MAX_LENGTH);
  if (!/^[\x20-\x7e]{0,1024}$/.test(rewrite.Replace ?? '')) {
    throw validationError(`The replacement '${rewrite.Replace}' is not valid`);
  }
}

export function rewritesOf({ Type, HostHeaderRewriteConfig, UrlRewriteConfig }: RuleTransform) {
  const config = Type === 'host-header-rewrite' ? HostHeaderRewriteConfig : UrlRewriteConfig;
  return config?.Rewrites ?? [];
}
