/** What a person sees of a release while it goes on: traffic, an interruption, and why it failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TinyService, tinyService } from '../testing/tiny-service.ts';

async function up(service: TinyService, ...more: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await service.plimsoll(
    'up',
    '--detach',
    '--port',
    '0',
    '--http-port',
    '0',
    ...more,
  );
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

async function answerOf(service: TinyService): Promise<string> {
  const { stdout } = await service.plimsoll('status', '--json');
  return (await fetch(JSON.parse(stdout).services[0].url)).text();
}

test('a release under load tells requests per second and failed requests, and the load saw none fail', {
  timeout: 120_000,
}, async (t) => {
  const service = await tinyService(t);
  await up(service);
  await service.answer('two');
  const load = service.start(['load', '--rate', '50', '--for', '8s', '--json']);
  const { code, stdout } = await service.plimsoll('deploy', '--json');
  assert.equal(code, 0, stdout);
  const states = stdout.split('\n').filter((line) => line.includes('"service-state"'));
  const traffic = states.map((line) => JSON.parse(line).state.traffic);
  assert.ok(
    traffic.some(({ requestsPerSecond, requests }) => requestsPerSecond > 25 && requests > 50),
    JSON.stringify(traffic),
  );
  assert.ok(traffic.every(({ failed }) => failed === 0));
  assert.match(stdout, /Meanwhile \d+ requests were answered, 0 of them failed\./);
  const report = JSON.parse((await load.ended).stdout);
  assert.equal(report.failed, 0);
});

test('Ctrl-C cancels the update: it is rolled back, the command says so, and the old tasks serve', {
  timeout: 120_000,
}, async (t) => {
  const service = await tinyService(t);
  await up(service);
  // Up, and never healthy: the release would go on for a while.
  await service.program(`
    import { createServer } from 'node:http';
    createServer((request, response) => response.writeHead(500).end()).listen(process.env.PORT);
  `);
  const deploy = service.start(['deploy']);
  await deploy.printed(/has started 1 tasks/);
  deploy.child.kill('SIGINT');
  const { code, stdout, stderr } = await deploy.ended;
  assert.equal(code, 130, `${stdout}\n${stderr}`);
  assert.match(stdout, /Interrupted: CloudFormation cancels the update of tiny-local-service/);
  assert.match(stderr, /The update of tiny-local-service was cancelled; what ran before runs\./);
  assert.equal(await answerOf(service), 'one');
  assert.match((await service.plimsoll('status')).stdout, /UPDATE_ROLLBACK_COMPLETE/);
  await service.answer('two');
  assert.equal((await service.plimsoll('deploy')).code, 0);
  assert.equal(await answerOf(service), 'two');
});

/** How a program fails, and what `plimsoll deploy` says of it. */
const bad: readonly (readonly [what: string, program: string, said: RegExp])[] = [
  [
    'answers its health check with 500',
    `import { createServer } from 'node:http';
     createServer((request, response) => response.writeHead(500).end()).listen(process.env.PORT);`,
    /is unhealthy in \(target-group \S+\) due to \(reason Health checks failed with these codes: \[500\]\)/,
  ],
  [
    'listens on another port',
    "import { createServer } from 'node:http'; createServer().listen(0);",
    /is unhealthy in \(target-group \S+\) due to \(reason Health checks failed\)/,
  ],
  ['exits at once', "console.error('mutiny'); process.exit(4);", /exit code 4[\s\S]*mutiny/],
];

test('why a release failed is said at its end', { timeout: 180_000 }, async (t) => {
  const service = await tinyService(t);
  // Ten seconds of the region in one: health checks and their grace period are waited for.
  await up(service, '--rate', '10');
  for (const [what, program, said] of bad) {
    await t.test(`a program that ${what}`, async () => {
      await service.program(program);
      const { code, stderr } = await service.plimsoll('deploy');
      assert.equal(code, 1);
      assert.match(stderr, /operation 'ECS Deployment Circuit Breaker was triggered'/);
      assert.match(stderr, said);
      assert.match(stderr, /The stack is back at what ran before/);
      assert.equal(await answerOf(service), 'one');
    });
  }
  await t.test('an image that is not there', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const { code, stderr } = await service.plimsoll('deploy', '--image', digest);
    assert.equal(code, 1);
    assert.match(stderr, /The repository tiny has no image sha256:0000/);
  });
});
