import { after, type TestContext } from 'node:test';
import { FaultyRegion } from '../../faults/testing/faulty-region.ts';
import { engineForTests } from '../../planes/containers/testing/engine.ts';
import type { RegionOptions } from '../../region.ts';

/** A plane to run a scenario on. */
export interface ScenarioPlane {
  readonly name: 'process' | 'container';
  readonly skip: string | false;
  /** A region that has started, with its tasks on this plane; ended and removed after the test. */
  start(t: TestContext, clock?: RegionOptions['clock']): Promise<FaultyRegion>;
}

/** Both planes; the engine of the second is closed after the tests of the file. */
export async function scenarioPlanes(): Promise<readonly ScenarioPlane[]> {
  const engine = await engineForTests();
  after(() => engine.close());
  const start =
    (plane: ScenarioPlane['name']): ScenarioPlane['start'] =>
    async (t, clock) => {
      const region = await FaultyRegion.create(t, { plane, ...(clock && { clock }) });
      // What the region gives to the engine goes when the tests are over.
      if (plane === 'container') await engine.find(region.home);
      await region.start();
      return region;
    };
  return [
    { name: 'process', skip: false, start: start('process') },
    { name: 'container', skip: engine.skip, start: start('container') },
  ];
}
