import { after } from 'node:test';
import { containerPlaneSuite, type PlaneParts } from '../processes/testing/container-plane-suite.ts';
import { EnginePlane } from './engine-plane.ts';
import { engineForTests } from './testing/engine.ts';

const engine = await engineForTests();
const { skip } = engine;
after(() => engine.close());

async function open({ home, blobs, taskEndpoints }: PlaneParts): Promise<EnginePlane> {
  const plane = new EnginePlane({
    home,
    region: 'eu-central-1',
    endpointUrl: () => 'http://127.0.0.1:4566',
    blobs,
    findEngine: engine.find,
    taskEndpoints,
  });
  await plane.open();
  return plane;
}

containerPlaneSuite({
  name: 'container plane',
  skip,
  open,
  seen: (_home, _digest, path) => path,
  // As on Fargate: Linux sends the first process of a container no signal that it does not handle.
  exitWithoutHandler: { exitCode: 137, signal: 'SIGKILL' },
});
