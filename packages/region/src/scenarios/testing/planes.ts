import { after, type TestContext } from 'node:test';
import { FaultyRegion } from '../../faults/testing/faulty-region.ts';
import { engineForTests } from '../../planes/containers/testing/engine.ts';
import { withoutSharing } from '../../planes/load-balancer/testing/sharing.ts';
import type { TaskPlane } from '../../planes-of-home.ts';
import type { RegionOptions } from '../../region.ts';

/** A plane to run a scenario on. */
export interface ScenarioPlane {
  readonly plane: TaskPlane;
  /** For the names of tests. */
  readonly name: string;
  readonly skip: string | false;
  /** A region that has started, with its tasks on this plane; ended and removed after the test. */
  start(t: TestContext, clock?: RegionOptions['clock']): Promise<FaultyRegion>;
}

/**
 * Both planes; the engine of the second is closed after the tests of the file. With `severalWorkers` the first one once
 * more, behind a balancer of two workers.
 */
export async function scenarioPlanes({ severalWorkers = false } = {}): Promise<readonly ScenarioPlane[]> {
  const engine = await engineForTests();
  after(() => engine.close());
  const start =
    (plane: TaskPlane, balancerWorkers = 1): ScenarioPlane['start'] =>
    async (t, clock) => {
      const region = await FaultyRegion.create(t, { plane, balancerWorkers, ...(clock && { clock }) });
      // What the region gives to the engine goes when the tests are over.
      if (plane === 'container') await engine.find(region.home);
      await region.start();
      return region;
    };
  const twoWorkers: ScenarioPlane = {
    plane: 'process',
    name: 'process (two balancer workers)',
    skip: withoutSharing,
    start: start('process', 2),
  };
  return [
    { plane: 'process', name: 'process', skip: false, start: start('process') },
    ...(severalWorkers ? [twoWorkers] : []),
    { plane: 'container', name: 'container', skip: engine.skip, start: start('container') },
  ];
}
