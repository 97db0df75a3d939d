import { accessKeyExports } from '../region/credentials.ts';
/** What a user sees when a service is up. Times, addresses and names only: never a password. */
export interface ReadyFacts {
  readonly service: string;
  readonly environment: string;
  readonly region: string;
  readonly accountId: string;
  readonly serviceUrl: string;
  readonly healthPath: string;
  readonly endpoint: string;
  readonly database?: {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly user: string;
    readonly secretArn?: string | undefined;
  };
  readonly home: string;
  /** How to get to the folder in which `plimsoll` finds the definition, if one has to. */
  readonly folder?: string | undefined;
  readonly isDetached: boolean;
  /** What a schedule does to it now. */
  readonly hours?: string | undefined;
  /** No task runs on purpose. */
  readonly isAtZero: boolean;
  /** From the command to the first answer. */
  readonly took: string;
}

export type Paint = (colour: 'bold' | 'dim' | 'green' | 'cyan', text: string) => string;

export function readyTable(facts: ReadyFacts, paint: Paint): readonly string[] {
  const { service, environment, database, region, accountId } = facts;
  const row = (name: string, value: string): string => `  ${paint('dim', name.padEnd(10))}  ${value}`;
  return [
    '',
    paint(
      'bold',
      `${service} (${environment}) is ${facts.isAtZero ? 'deployed, at zero,' : 'up'} after ${facts.took}.`,
    ),
    '',
    row('Service', paint('cyan', facts.serviceUrl)),
    ...(facts.hours === undefined ? [] : [row('Schedule', facts.hours)]),
    row('AWS', `${facts.endpoint}  ${paint('dim', `${region}, account ${accountId}`)}`),
    ...(database === undefined ? [] : [row('Database', psql(database))]),
    row('State', facts.home),
    '',
    'For AWS clients:',
    `  export AWS_ENDPOINT_URL=${facts.endpoint} AWS_REGION=${region} ${accessKeyExports(process.env)}`,
    ...(database?.secretArn === undefined ? [] : password(database.secretArn)),
    '',
    `Try next${facts.folder === undefined ? '' : `, in ${facts.folder}`}:`,
    `  curl -i ${facts.serviceUrl}${facts.healthPath}`,
    '  npx plimsoll status          what runs, and what happened',
    '  npx plimsoll logs --follow   what the tasks write',
    '  npx plimsoll deploy          after a change of the source: a release without downtime',
    '',
    facts.isDetached
      ? 'Stop: npx plimsoll down (the data stays; --destroy removes it)'
      : 'Stop: Ctrl-C (the data stays; npx plimsoll down --destroy removes it)',
  ];
}

function psql({ host, port, name, user }: NonNullable<ReadyFacts['database']>): string {
  return `psql "host=${host} port=${port} dbname=${name} user=${user}"`;
}

function password(secretArn: string): readonly string[] {
  return [
    "The database's password, from Secrets Manager:",
    `  aws secretsmanager get-secret-value --secret-id '${secretArn}' --query SecretString --output text`,
  ];
}
