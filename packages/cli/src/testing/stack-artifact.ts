import type { StackArtifact } from '@plimsoll/blueprint';

/** A stack of a service, with what a test wants different. */
export function stackArtifact(rest: Partial<StackArtifact> = {}): StackArtifact {
  return {
    name: 'shop-prod-service',
    templateFile: '/out/shop-prod-service.template.json',
    template: { Resources: {} },
    parameters: {
      VpcId: { from: 'ssm', name: '/plimsoll/prod/network/vpc-id' },
      ImageDigest: { from: 'image', repository: 'shop' },
    },
    tags: { team: 'web' },
    dependsOn: [],
    terminationProtection: false,
    ...rest,
  };
}
