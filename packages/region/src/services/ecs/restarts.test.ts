/** A region that is killed after any commit of a release goes on with it at its next start, also when that is killed too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestRegion } from '../../testing/test-region.ts';
import { created, region, template } from './testing/stack-region.ts';

type Region = Awaited<ReturnType<typeof created>>;

/** What was stored when a region was killed, and when that was. */
interface Killed {
  readonly commits: TestRegion['commits'];
  readonly at: number;
}

const release = { StackName: 'app', TemplateBody: template('v2') };

test('a release goes on after a kill at any of its commits, and after a second one at any time of the restart', async () => {
  const before = await created();
  await before.call('cloudformation', 'updateStack', release);
  const wrong: string[] = [];
  for (const [i, first] of (await killedWhile(before, 60)).entries()) {
    const once = await endOf(first);
    if (once !== complete) wrong.push(`kill ${i}: ${once}`);
    const seconds = await killedWhile(restarted(first), 30);
    // A few of them, others each time.
    for (let j = i % 25; j < seconds.length; j += 25) {
      const second = seconds[j];
      const twice = second && (await endOf(second));
      if (twice !== complete) wrong.push(`kill ${i}, then ${j}: ${twice}`);
    }
  }
  assert.deepEqual(wrong, []);
});

const complete = 'UPDATE_COMPLETE v2,v2';

/** Lets a region go on, and gives what each commit would leave behind if it were the last. */
async function killedWhile(r: Region, seconds: number): Promise<readonly Killed[]> {
  const kills: Killed[] = [{ commits: [...r.commits], at: r.now() }];
  for (let second = 0; second < seconds; second += 1) {
    const from = r.commits.length;
    await r.advance(1);
    for (let n = from + 1; n <= r.commits.length; n += 1)
      kills.push({ commits: r.commits.slice(0, n), at: r.now() });
  }
  return kills;
}

function restarted({ commits, at }: Killed): Region {
  return region(commits, new Date(at + 2000).toISOString());
}

async function endOf(killed: Killed): Promise<string> {
  const r = restarted(killed);
  await r.advance(300);
  const errors = r.messages.filter(({ level }) => level === 'error').map(({ text }) => text);
  return [`${await r.status()} ${r.images()}`, ...errors].join('\n');
}
