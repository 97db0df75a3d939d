import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { CloudWatchClient, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { startRegion } from '@plimsoll/region/region.js';
import { dashboard as command } from '../commands/dashboard.ts';
import { parseFlags } from '../flags.ts';
import { writeRecord } from '../region/home.ts';
import { processStart } from '../region/process-identity.ts';
import { Terminal } from '../render/terminal.ts';
import { temporaryFolder } from '../temporary-folder.ts';

async function running(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const home = join(folder.path, 'home');
  const region = 'eu-central-1';
  const started = await startRegion({ home, region, port: 0, httpPort: 0, report: () => {} });
  t.after(() => started.close());
  const { endpoint } = started;
  const startedAt = (await processStart(process.pid)) ?? '';
  await writeRecord(home, { pid: process.pid, startedAt, endpoint, region, environment: 'local' });
  /** What `plimsoll dashboard …` prints. */
  const dashboard = async (...args: readonly string[]): Promise<string> => {
    const isFlag = (arg: string): boolean => arg.startsWith('--');
    const flags = parseFlags('dashboard', command.flags, [...args.filter(isFlag), `--home=${home}`]);
    const out = new PassThrough();
    const terminal = new Terminal({ out, err: new PassThrough(), env: { NO_COLOR: '1' } });
    const { signal } = new AbortController();
    const host = { terminal, signal, insisted: signal, env: {}, cwd: folder.path };
    await command.run(host, flags, ...args.filter((arg) => !isFlag(arg)));
    out.end();
    let text = '';
    for await (const chunk of out) text += String(chunk);
    return text;
  };
  return { endpoint, folder: folder.path, dashboard };
}

test('a dashboard is listed, named and saved as a page', async (t) => {
  const { endpoint, folder, dashboard } = await running(t);
  assert.match(await dashboard(), /^There are no dashboards yet/);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new CloudWatchClient({ endpoint, region: 'eu-central-1', credentials });
  const widget = { type: 'text', properties: { markdown: '# Who to call' } };
  const DashboardBody = JSON.stringify({ widgets: [widget] });
  await client.send(new PutDashboardCommand({ DashboardName: 'web', DashboardBody }));
  client.destroy();
  const url = `${endpoint}/_plimsoll/dashboards/web`;
  assert.equal(await dashboard(), `web  ${url}\n`);
  assert.equal(await dashboard('web'), `${url}\n`);
  assert.equal(await dashboard('--save=now.html'), `Saved to ${join(folder, 'now.html')}\n`);
  assert.match(await readFile(join(folder, 'now.html'), 'utf8'), /<h2>Who to call<\/h2>/);
  await assert.rejects(dashboard('gone'), /There is no dashboard gone/);
});
