import type { ResourceChange } from '../plan/picture.ts';
import { type PlanFile, type PlannedStack, planFormat, sealed } from '../plan/plan-document.ts';

/** A plan of one stack, with what a test wants different. */
export function planFile(stacks: readonly PlannedStack[] = [plannedStack()]): PlanFile {
  return sealed({
    format: planFormat,
    kind: 'apply',
    service: 'shop',
    environment: 'prod',
    region: 'eu-central-1',
    account: '123456789012',
    createdAt: '2026-11-22T10:00:00.000Z',
    expiresAt: '2026-11-23T10:00:00.000Z',
    definitionHash: 'd'.repeat(64),
    allowedDataLoss: [],
    waves: stacks.map((stack) => ({ stacks: [stack] })),
  });
}

export function plannedStack(rest: Partial<PlannedStack> = {}): PlannedStack {
  return {
    name: 'shop-prod-service',
    action: 'update',
    exactness: 'exact',
    template: { Resources: {} },
    parameters: [],
    tags: {},
    terminationProtection: false,
    changes: [resourceChange()],
    ...rest,
  };
}

export function resourceChange(rest: Partial<ResourceChange> = {}): ResourceChange {
  return {
    logicalId: 'Service',
    type: 'AWS::ECS::Service',
    action: 'modify',
    replacement: 'no',
    properties: [{ path: 'DesiredCount', before: '1', after: '2', replaces: false }],
    ...rest,
  };
}
