import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bounds, type Decision, decide, type ServiceView, type TaskView } from './scheduler.ts';

/**
 * Tasks as a word: deployment (n new, o old, s superseded), zone, and state: `+` healthy, `?` running, `.` starting,
 * `!` unhealthy; `*` protected. `na+ oa! nb.` are three tasks.
 */
function tasks(words: string): TaskView[] {
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word, i) => ({
      id: word + (words.split(' ').indexOf(word) === i ? '' : `#${i}`),
      deploymentId: word.charAt(0),
      zone: word.charAt(1),
      isRunning: word.charAt(2) !== '.',
      health: word.includes('+') ? 'healthy' : word.includes('!') ? 'unhealthy' : 'unknown',
      isProtected: word.includes('*'),
      createdAt: i,
    }));
}

function told(decision: Decision): string {
  switch (decision.kind) {
    case 'start': {
      const replacing = decision.replacing > 0 ? ` replacing ${decision.replacing}` : '';
      return `start ${decision.deploymentId} in ${decision.zones.join('')}${replacing}`;
    }
    case 'stop':
      return `stop ${decision.taskIds.join(' ')} (${decision.cause})`;
    case 'wait':
      return 'wait';
    default:
      return decision.kind;
  }
}

interface Row {
  readonly name: string;
  readonly desired: number;
  readonly percent?: readonly [number, number];
  readonly tasks: string;
  /** Default: only the new one. `n` new, `o` the source, `s` superseded, `N` new and not allowed to launch. */
  readonly deployments?: string;
  readonly isRebalancing?: boolean;
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a new service starts its tasks over the zones',
    desired: 4,
    tasks: '',
    expected: ['start n in abca'],
  },
  { name: 'all healthy: steady', desired: 2, tasks: 'na+ nb+', expected: ['steady'] },
  { name: 'starting tasks are waited for', desired: 2, tasks: 'na+ nb.', expected: ['wait'] },
  {
    name: 'a lost task is started in the poorest zone',
    desired: 3,
    tasks: 'na+ nb+',
    expected: ['start n in c'],
  },
  {
    name: 'nothing is launched while launches are throttled',
    desired: 2,
    tasks: 'na+',
    deployments: 'N',
    expected: ['wait'],
  },
  { name: 'no tasks wanted, none there', desired: 0, tasks: '', expected: ['steady'] },
  { name: 'scale-out', desired: 4, tasks: 'na+ nb+', expected: ['start n in ca'] },
  {
    name: 'scale-in takes from the fullest zone',
    desired: 2,
    tasks: 'na+ nb+ na+',
    expected: ['stop na+ (scaling)'],
  },
  {
    name: 'scale-in takes what does not run first',
    desired: 2,
    tasks: 'na+ nb+ nc.',
    expected: ['stop nc. (scaling)'],
  },
  { name: 'scale-in to none', desired: 0, tasks: 'na+ nb.', expected: ['stop nb. na+ (scaling)'] },
  {
    name: 'scale-in spares protected tasks',
    desired: 1,
    tasks: 'na+* nb+',
    expected: ['stop nb+ (scaling)'],
  },
  { name: 'scale-in waits when all are protected', desired: 1, tasks: 'na+* nb+*', expected: ['wait'] },

  {
    name: 'an unhealthy task is replaced before it stops',
    desired: 2,
    tasks: 'na+ nb!',
    expected: ['start n in c replacing 1'],
  },
  { name: 'its replacement is waited for', desired: 2, tasks: 'na+ nb! nc.', expected: ['wait'] },
  {
    name: 'a healthy replacement lets it go',
    desired: 2,
    tasks: 'na+ nb! nc+',
    expected: ['stop nb! (unhealthy)'],
  },
  {
    name: 'without room the unhealthy stop first, one by one',
    desired: 2,
    percent: [50, 100],
    tasks: 'na! nb!',
    expected: ['stop na! (unhealthy)'],
  },
  {
    name: 'a task that recovered makes its starting replacement superfluous',
    desired: 2,
    tasks: 'na+ nb+ nc.',
    expected: ['stop nc. (scaling)'],
  },

  {
    name: 'a zone that is two tasks poorer gets one',
    desired: 3,
    isRebalancing: true,
    tasks: 'na+ na+ nb+',
    expected: ['start n in c'],
  },
  {
    name: 'the task for balance is waited for',
    desired: 3,
    isRebalancing: true,
    tasks: 'na+ na+ nb+ nc.',
    expected: ['wait'],
  },
  {
    name: 'then the richest zone gives one',
    desired: 3,
    isRebalancing: true,
    tasks: 'na+ na+ nb+ nc+',
    expected: ['stop na+ (scaling)'],
  },
  {
    name: 'a difference of one is balance',
    desired: 4,
    isRebalancing: true,
    tasks: 'na+ na+ nb+ nc+',
    expected: ['steady'],
  },
  {
    name: 'without rebalancing it stays as it is',
    desired: 3,
    tasks: 'na+ na+ nb+',
    expected: ['steady'],
  },

  {
    name: '100/200: new tasks beside all old ones',
    desired: 2,
    tasks: 'oa+ ob+',
    deployments: 'no',
    expected: ['start n in ca'],
  },
  {
    name: 'old ones wait for new ones to be healthy',
    desired: 2,
    tasks: 'oa+ ob+ nc? na.',
    deployments: 'no',
    expected: ['wait'],
  },
  {
    name: 'each healthy new one lets an old one go',
    desired: 2,
    tasks: 'oa+ ob+ nc+ na.',
    deployments: 'no',
    expected: ['stop oa+ (scaling)'],
  },
  {
    name: 'all healthy: all old ones go',
    desired: 2,
    tasks: 'oa+ ob+ nc+ na+',
    deployments: 'no',
    expected: ['stop oa+ ob+ (scaling)'],
  },
  {
    name: 'desired 4, min 50: two may stop first',
    desired: 4,
    percent: [50, 100],
    tasks: 'oa+ ob+ oc+ oa+',
    deployments: 'no',
    expected: ['stop oa+ ob+ (scaling)'],
  },
  {
    name: 'and two may start then',
    desired: 4,
    percent: [50, 100],
    tasks: 'ob+ oc+',
    deployments: 'no',
    expected: ['start n in ab'],
  },
  {
    name: 'desired 2, min 75: none may stop, max 100: none may start',
    desired: 2,
    percent: [75, 100],
    tasks: 'oa+ ob+',
    deployments: 'no',
    expected: ['blocked'],
  },
  {
    name: 'desired 3, max 125: none may start',
    desired: 3,
    percent: [100, 125],
    tasks: 'oa+ ob+ oc+',
    deployments: 'no',
    expected: ['blocked'],
  },
  {
    name: 'max 150: one at a time',
    desired: 2,
    percent: [100, 150],
    tasks: 'oa+ ob+',
    deployments: 'no',
    expected: ['start n in c'],
  },
  {
    name: 'min 0: old ones stop at once',
    desired: 1,
    percent: [0, 100],
    tasks: 'oa+',
    deployments: 'no',
    expected: ['stop oa+ (scaling)'],
  },

  {
    name: 'a running version that dies is replaced by its own revision',
    desired: 2,
    tasks: 'oa+ nb! nc!',
    deployments: 'no',
    expected: ['start o in b', 'stop nb! (unhealthy)'],
  },
  {
    name: 'a failing release never takes the room of the source',
    desired: 2,
    tasks: 'oa+ ob+ nc! na!',
    deployments: 'no',
    expected: ['stop nc! (unhealthy)'],
  },
  {
    name: 'an unhealthy source does not keep the new version from starting',
    desired: 2,
    tasks: 'oa! ob!',
    deployments: 'no',
    expected: ['start n in ca', 'stop oa! (unhealthy)'],
  },
  {
    name: 'scale-out during a release goes to both',
    desired: 3,
    tasks: 'oa+ ob+ nc. na.',
    deployments: 'no',
    expected: ['start n in b', 'start o in c'],
  },
  {
    name: 'a failed deployment starts nothing and leaves the source alone',
    desired: 2,
    tasks: 'oa+ ob+ nc!',
    deployments: 'No',
    expected: ['wait'],
  },

  {
    name: 'rollback: what is not healthy of the failed one goes at once',
    desired: 2,
    tasks: 'na+ nb+ sa! sb.',
    deployments: 'ns',
    expected: ['stop sa! (unhealthy)', 'stop sb. (scaling)'],
  },
  {
    name: 'the newest of three wins; the middle one goes, the source serves',
    desired: 2,
    tasks: 'oa+ ob+ sc. sa.',
    deployments: 'nso',
    expected: ['stop sc. sa. (scaling)'],
  },
  {
    name: 'a superseded version that serves alone is kept until the new one is healthy',
    desired: 2,
    tasks: 'sa+ sb+ nc. na.',
    deployments: 'ns',
    expected: ['wait'],
  },
];

for (const row of rows) {
  test(`scheduler: ${row.name} (desired ${row.desired}, ${row.percent ?? [100, 200]}: ${row.tasks || 'no tasks'})`, () => {
    const [minimumHealthyPercent, maximumPercent] = row.percent ?? [100, 200];
    const roles = { n: 'primary', N: 'primary', o: 'source', s: 'superseded' } as const;
    const view: ServiceView = {
      desiredCount: row.desired,
      minimumHealthyPercent,
      maximumPercent,
      isRebalancing: row.isRebalancing ?? false,
      deployments: [...(row.deployments ?? 'n')].map((letter) => ({
        id: letter.toLowerCase(),
        role: roles[letter as keyof typeof roles],
        zones: ['a', 'b', 'c'],
        mayLaunch: letter !== 'N',
      })),
      tasks: tasks(row.tasks),
    };
    const decisions = [...new Set(decide(view).map(told))];
    assert.deepEqual(decisions, row.expected);
  });
}

test('the lower bound rounds up, the upper one down', () => {
  assert.deepEqual(bounds(3, 50, 150), { lower: 2, upper: 4 });
  assert.deepEqual(bounds(2, 75, 200), { lower: 2, upper: 4 });
  assert.deepEqual(bounds(3, 100, 125), { lower: 3, upper: 3 });
  assert.deepEqual(bounds(0, 100, 200), { lower: 0, upper: 0 });
});
