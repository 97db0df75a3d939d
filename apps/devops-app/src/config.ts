// The service's whole configuration, read once from the environment. What the web server needs has defaults, so that
// `/health` answers whatever else is wrong; what the database needs is checked apart, and a mistake there is an answer
// (`/ready` says which variable), not a crash.

/** How connections to the database are encrypted; the names mean what libpq's `sslmode` means by them. */
type SslMode = 'prefer' | 'require' | 'disable';

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
}

export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly secretArn: string;
  readonly ssl: SslMode;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
const sslModes: readonly SslMode[] = ['prefer', 'require', 'disable'];

/** A variable of the environment is missing or wrong; the message names each one and what is allowed. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** @throws {ConfigurationError} when a variable is present and wrong. */
export function httpConfig(env: Environment): HttpConfig {
  const mistakes: string[] = [];
  const config = {
    host: env['HOST'] || '0.0.0.0',
    port: readPort(env, 'PORT', 3000, mistakes),
    logLevel: readChoice(env, 'LOG_LEVEL', logLevels, 'info', mistakes),
  };
  return refuse(mistakes) ?? config;
}

/** @throws {ConfigurationError} naming every variable that is missing or wrong, not only the first. */
export function databaseConfig(env: Environment): DatabaseConfig {
  const mistakes: string[] = [];
  const config = {
    host: readRequired(env, 'DATABASE_HOST', mistakes),
    port: readPort(env, 'DATABASE_PORT', 5432, mistakes),
    name: readRequired(env, 'DATABASE_NAME', mistakes),
    secretArn: readRequired(env, 'DATABASE_SECRET_ARN', mistakes),
    ssl: readChoice(env, 'DATABASE_SSL', sslModes, 'prefer', mistakes),
  };
  return refuse(mistakes) ?? config;
}

function refuse(mistakes: readonly string[]): undefined {
  if (mistakes.length > 0) throw new ConfigurationError(mistakes.join('; '));
}

function readRequired(env: Environment, name: string, mistakes: string[]): string {
  const value = env[name];
  if (!value) mistakes.push(`${name} is not set`);
  return value ?? '';
}

function readPort(env: Environment, name: string, otherwise: number, mistakes: string[]): number {
  const text = env[name];
  if (!text) return otherwise;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65535)) mistakes.push(`${name} is '${text}'; a port is a number from 0 to 65535`);
  return port;
}

function readChoice<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  otherwise: T,
  mistakes: string[],
): T {
  const text = env[name];
  if (!text) return otherwise;
  const choice = allowed.find((each) => each === text);
  if (choice === undefined) mistakes.push(`${name} is '${text}'; allowed are ${allowed.join(', ')}`);
  return choice ?? otherwise;
}
