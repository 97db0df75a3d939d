import { Scenario } from '../packages/region/src/services/ecs/testing/scenario.ts';

const scenario = new Scenario({ keepsCommits: false } as never);
const size = Number(process.argv[2] ?? 1000);
const t0 = performance.now();
await scenario.steadyService('v1', { desiredCount: size });
const t1 = performance.now();
await scenario.release('v2');
let virtual = 0;
for (;;) {
  await scenario.region.advance(30);
  virtual += 30;
  const s = await scenario.service();
  if (s.deployments?.length === 1 && s.deployments[0]?.rolloutState === 'COMPLETED') break;
  if (virtual > 7200) throw new Error('no end');
}
const t2 = performance.now();
console.log({ create: t1 - t0, release: t2 - t1, virtual });
