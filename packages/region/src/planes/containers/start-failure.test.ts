import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ContainerError } from '../processes/container-plane.ts';
import { cannotStart } from './start-failure.ts';

const fargate = (detail: string) =>
  'CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim ' +
  `task: OCI runtime create failed: runc create failed: unable to start container process: ${detail}: unknown`;
const noSuch = 'exec: "x": executable file not found in $PATH';

const table: readonly (readonly [engine: string, says: string, becomes: string])[] = [
  [
    'Docker',
    `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${noSuch}: unknown`,
    fargate(noSuch),
  ],
  [
    'Podman with runc',
    `runc: runc create failed: unable to start container process: ${noSuch}: OCI runtime attempted to invoke a command that was not found`,
    fargate(noSuch),
  ],
  [
    'Podman with runc, a file that may not be run',
    'runc: runc create failed: unable to start container process: exec: "/x": permission denied: OCI permission denied',
    fargate('exec: "/x": permission denied'),
  ],
  ['any, of something else', 'no space left on device', 'CannotStartContainerError: no space left on device'],
];

for (const [engine, says, becomes] of table) {
  it(`a start refused by ${engine} is worded as Fargate words it`, () => {
    assert.equal(cannotStart(new Error(says)).message, becomes);
  });
}

it('a failure that has ECS’s words already keeps them', () => {
  const error = new ContainerError('CannotStartContainerError', 'the region is stopping');
  assert.equal(cannotStart(error), error);
});
