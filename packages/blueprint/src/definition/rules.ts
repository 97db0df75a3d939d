import {
  type Check,
  given,
  join,
  listOf,
  listOfDistinct,
  numberFrom,
  object,
  oneOf,
  record,
  text,
  trueOrFalse,
  wholeNumber,
} from './check.ts';
import { fargateMemory } from './resolved-environment.ts';

// What each option may be. The numbers are AWS's unless a comment says otherwise.

const anyText = text({ pattern: /[\s\S]/, allowed: 'a text that is not empty' });
const command = listOf(anyText, "texts, for instance ['node', 'dist/main.js']");
const path = text({
  pattern: /^\/[\x21-\x7e]{0,127}$/,
  allowed: "a path that starts with '/', up to 128 characters",
});
const timeForm = /^([01]\d|2[0-3]):[0-5]\d$/;
const timeOfDay = text({ pattern: timeForm, allowed: "24-hour time as 'HH:MM'" });
const weekday = '(MON|TUE|WED|THU|FRI|SAT|SUN)';
const days = text({
  pattern: new RegExp(`^${weekday}(-${weekday})?$`),
  allowed: "MON to SUN, or a range such as 'MON-FRI'",
});
const environmentVariable = {
  pattern: /^[A-Za-z_]\w*$/,
  allowed: "letters, digits and '_', not starting with a digit",
};
const retention = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

// The blueprint sets these itself.
const ownVariables = ['PORT', 'DATABASE_HOST', 'DATABASE_PORT', 'DATABASE_NAME', 'DATABASE_SECRET_ARN'];

const timezone: Check = (value, where, report) => {
  if (typeof value === 'string' && isTimezone(value)) return;
  report(where, given(value, "an IANA time zone, for instance 'UTC' or 'Europe/Berlin'"));
};

const schedule: Check = (value, where, report) => {
  object({ start: timeOfDay, end: timeOfDay, days, timezone }, ['start', 'end', 'days', 'timezone'])(
    value,
    where,
    report,
  );
  const { start, end } = Object(value) as { readonly start?: unknown; readonly end?: unknown };
  if (!isTimeOfDay(start) || !isTimeOfDay(end) || start < end) return;
  report(join(where, 'end'), given(end, `a time after start, which is '${start}'`));
};

const taskEnvironment: Check = (value, where, report) => {
  record(environmentVariable, text({ pattern: /^[\s\S]*$/, allowed: 'a text' }))(value, where, report);
  for (const key of Object.keys(Object(value))) {
    if (ownVariables.includes(key)) report(join(where, key), 'set by the blueprint; choose another name');
  }
};

const task: Check = (value, where, report) => {
  const sizes = Object.keys(fargateMemory).map(Number);
  object({
    cpu: oneOf(...sizes),
    memory: wholeNumber(512, 122_880, 'MiB'),
    environment: taskEnvironment,
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html: up to 120 s on Fargate.
    stopTimeoutSeconds: wholeNumber(2, 120, 'seconds'),
  })(value, where, report);
  const { cpu = 256, memory } = Object(value) as { readonly cpu?: number; readonly memory?: number };
  const offered = fargateMemory[cpu];
  if (memory === undefined || !Number.isInteger(memory) || offered === undefined || offered.includes(memory))
    return;
  report(join(where, 'memory'), given(memory, `with cpu ${cpu} one of ${offered.join(', ')} MiB`));
};

// Chosen: a day. AWS names no limit.
const cooldown = wholeNumber(0, 86_400, 'seconds');

const scaling: Check = (value, where, report) => {
  object({
    min: wholeNumber(0, 5000, 'tasks'),
    max: wholeNumber(1, 5000, 'tasks'),
    cpu: wholeNumber(1, 100, 'percent'),
    memory: wholeNumber(1, 100, 'percent'),
    // Chosen: a service that wants less or more than that per minute has not thought of minutes.
    requestsPerTarget: wholeNumber(1, 10_000_000, 'requests a minute'),
    cooldowns: object({ in: cooldown, out: cooldown }),
    schedule,
  })(value, where, report);
  const { min, max } = Object(value) as { readonly min?: unknown; readonly max?: unknown };
  if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return;
  report(join(where, 'max'), given(max, `at least min, which is ${min}`));
};

// PostgreSQL's own words that RDS refuses as a database's name; and letters, digits, '_' as RDS allows, up to 63.
const database = object(
  {
    engine: oneOf('postgres'),
    version: text({
      pattern: /^1[4-8](\.\d{1,2})?$/,
      allowed: "a PostgreSQL version from '14' to '18', such as '17' or '17.6'",
    }),
    multiAz: trueOrFalse,
    instanceClass: text({
      pattern: /^db\.[a-z0-9-]+\.[a-z0-9]+$/,
      allowed: "an RDS instance class such as 'db.t4g.micro'",
    }),
    storageGiB: wholeNumber(20, 65_536, 'GiB'),
    name: text({
      pattern: /^(?!postgres$)[A-Za-z][A-Za-z0-9_]{0,62}$/,
      allowed: "letters, digits and '_', starting with a letter, up to 63 characters, not 'postgres'",
    }),
    backupRetentionDays: wholeNumber(1, 35, 'days'),
  },
  ['engine'],
);

const cidr: Check = (value, where, report) => {
  // Chosen: /16 to /20, so that six subnets of a useful size fit; AWS's own limits are /16 to /28.
  const form = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(1[6-9]|20)$/.exec(String(value));
  if (form?.slice(1, 5).every((part) => Number(part) <= 255)) return;
  report(where, given(value, "a private IPv4 block from /16 to /20, such as '10.0.0.0/16'"));
};

const address = text({ pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, allowed: 'a mail address' });
const addresses = listOfDistinct(address, "mail addresses, such as ['team@example.com'], or one of them");
const percent = numberFrom(0, 100, 'percent');

const alarms = object({
  email: (value, where, report) => (typeof value === 'string' ? address : addresses)(value, where, report),
  rollback: trueOrFalse,
  loadBalancerErrorPercent: percent,
  targetErrorPercent: percent,
  latencySeconds: numberFrom(0.001, 4000, 'seconds'),
  unhealthyTargets: wholeNumber(1, 5000, 'tasks'),
  cpuPercent: percent,
  memoryPercent: percent,
  databaseCpuPercent: percent,
  databaseConnections: wholeNumber(1, 5000, 'connections'),
  databaseFreeStoragePercent: percent,
});

/** What both a service and each of its environments may say. */
export const optionChecks: Readonly<Record<string, Check>> = {
  image: object({ context: anyText, dockerfile: anyText, command }),
  http: object({
    port: wholeNumber(1, 65_535),
    healthCheck: object({ path, gracePeriodSeconds: wholeNumber(0, 2_147_483_647, 'seconds') }),
  }),
  task,
  scaling,
  database,
  migrate: command,
  network: object({ cidr, natGateways: oneOf(1, 2, 3) }),
  logs: object({ retentionDays: oneOf(...retention) }),
  domain: text({
    pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    allowed: "a domain name such as 'app.example.com'",
  }),
  alarms,
  cache: object({ engine: oneOf('valkey', 'redis') }, ['engine']),
  deletionProtection: trueOrFalse,
  local: object({ plane: oneOf('process', 'container') }),
  permissionsBoundary: text({
    pattern: /^[\w+=,.@-]{1,128}$/,
    allowed: 'the name of a managed policy',
  }),
  tags: record(
    {
      pattern: /^(?!aws:|plimsoll:)[\s\S]{1,128}$/,
      allowed: "up to 128 characters, not starting with 'aws:' or 'plimsoll:'",
    },
    text({ pattern: /^[\s\S]{0,256}$/, allowed: 'a text of up to 256 characters' }),
  ),
};

const region = text({ pattern: /^[a-z]{2}(-[a-z]+)+-\d$/, allowed: "an AWS region such as 'eu-central-1'" });

/** Where an environment is. */
export const placeChecks: Readonly<Record<string, Check>> = {
  region,
  regions: listOfDistinct(region, 'AWS regions'),
};

// Chosen: short enough that every name made of them keeps AWS's limits, of which 32 for a load balancer is the tightest.
export const environmentName = {
  pattern: /^[a-z][a-z0-9-]{0,10}[a-z0-9]$/,
  allowed:
    'lower-case letters, digits and hyphens, 2 to 12 characters, starting with a letter, not ending with a hyphen',
};

export const serviceName: Check = (value, where, report) => {
  text({
    pattern: /^[a-z][a-z0-9-]{0,22}[a-z0-9]$/,
    allowed:
      'lower-case letters, digits and hyphens, 2 to 24 characters, starting with a letter, not ending with a hyphen',
  })(value, where, report);
  // Names of stacks and parameters that the network has already.
  if (value === 'network') report(where, given(value, 'any other name: the shared network has this one'));
  if (typeof value === 'string' && value.includes('--'))
    report(where, given(value, 'a name without two hyphens in a row'));
};

function isTimeOfDay(value: unknown): value is string {
  return typeof value === 'string' && timeForm.test(value);
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}
