import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { tinyService } from '../testing/tiny-service.ts';

const freePorts = ['--port', '0', '--http-port', '0'] as const;

test('a program that ends at once: the release fails with its words, the stack rolls back, a corrected one goes through', {
  timeout: 120_000,
}, async (t) => {
  const service = await tinyService(t);
  await service.program("console.error('no cargo'); process.exit(3);");

  const up = await service.plimsoll('up', '--detach', ...freePorts);
  assert.equal(up.code, 1);
  assert.match(up.stderr, /The stack tiny-local-service failed at Service/);
  assert.match(up.stderr, /stopped: Essential container in task exited; tiny: exit code 3\n {4}no cargo/);
  assert.match(up.stderr, /What it had created is removed again/);
  assert.match((await service.plimsoll('status')).stdout, /tiny-local-service {2}ROLLBACK_COMPLETE/);

  const doctor = await service.plimsoll('doctor');
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /First failure: Service[\s\S]* Way out: delete the stack tiny-local-service: /);

  await service.answer('one');
  const corrected = await service.plimsoll('deploy');
  assert.equal(corrected.code, 0, `${corrected.stdout}\n${corrected.stderr}`);
  assert.match(corrected.stdout, /tiny-local-service is ROLLBACK_COMPLETE: .* made anew/);

  await service.program("console.error('mutiny'); process.exit(4);");
  const broken = await service.plimsoll('deploy');
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /mutiny/);
  assert.match(broken.stderr, /The stack is back at what ran before/);
  const { stdout } = await service.plimsoll('status', '--json');
  assert.match((await service.plimsoll('doctor')).stdout, /none is wedged/);
  const url = JSON.parse(stdout).services[0].url;
  assert.equal(await (await fetch(url)).text(), 'one');
});

test('a wrong definition is told whole, and nothing is made', async (t) => {
  const service = await tinyService(t);
  await service.definition(
    "export default { name: 'Tiny', scaling: { min: -1 }, environments: { local: { region: 'eu-central-1' } } };",
  );
  const { code, stderr } = await service.plimsoll('up', ...freePorts);
  assert.equal(code, 1);
  assert.match(stderr, /2 problems in plimsoll\.config\.ts:\n {2}name: given 'Tiny'/);
  assert.equal(existsSync(service.home), false);
});

test('an unknown environment is told with those that there are', async (t) => {
  const service = await tinyService(t);
  const { code, stderr } = await service.plimsoll('synth', '--env', 'moon');
  assert.equal(code, 1);
  assert.match(stderr, /tiny has no environment 'moon'; it has: local/);
});

test('a definition that asks for containers where no engine answers is told so; a flag chooses otherwise', {
  timeout: 60_000,
}, async (t) => {
  const service = await tinyService(t);
  await service.definition(`
    import { defineService } from '@plimsoll/blueprint';
    export default defineService({
      name: 'tiny',
      image: { command: ['node', 'dist/main.mjs'] },
      environments: { local: { region: 'eu-central-1', local: { plane: 'container' } } },
    });
  `);
  const env = { DOCKER_HOST: `unix://${service.folder}/no-engine.sock` };
  const { code, stderr } = await service.start(['up', '--detach', ...freePorts], env).ended;
  assert.equal(code, 1);
  assert.match(stderr, /The region did not start: .*no-engine\.sock/);
  // The home remembers containers: the flag has to win over that, too.
  const up = service.start(['up', '--plane', 'process', ...freePorts], env);
  await up.printed(/The region eu-central-1 answers at/);
  up.child.kill('SIGINT');
  await up.ended;
});

test('a busy port is told before anything is made', async (t) => {
  const service = await tinyService(t);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { code, stderr } = await service.plimsoll('up', '--port', '0', '--http-port', String(address.port));
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`Port ${address.port} \\(--http-port\\) is in use`));
  assert.equal(existsSync(service.home), false);
});

test('what is called wrongly ends with 2 and says what is right', async (t) => {
  const service = await tinyService(t);
  const wrong = async (args: readonly string[], text: RegExp): Promise<void> => {
    const { code, stderr } = await service.plimsoll(...args);
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, text);
  };
  await wrong(['depoy'], /unknown command 'depoy'; did you mean 'deploy'\?/);
  await wrong(['up', '--detatch'], /unknown flag --detatch; did you mean --detach\?/);
  await wrong(['up', '--balancer-workers', '99'], /--balancer-workers: given '99'; allowed: 1 to 16/);
  await wrong(['deploy', '--target', 'moon'], /--target: given 'moon'; allowed: local, aws/);
  await wrong(['synth', '--definition', 'nowhere.ts'], /there is no file nowhere\.ts/);
  assert.match((await service.plimsoll('deploy')).stderr, /No region runs from .*\nStart it: plimsoll up/);
  assert.match((await service.plimsoll('--version')).stdout, /^\d+\.\d+\.\d+\n$/);
});
