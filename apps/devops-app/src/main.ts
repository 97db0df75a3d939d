// The web server: `node dist/main.js`.
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { ConfigurationError, httpConfig } from './config.ts';
import { databaseOrReason } from './connect.ts';

// Below the 30 s after which ECS kills (the default stopTimeout), so that what is cut off is cut off by us and logged.
const drainLimitMs = 25_000;

try {
  const { host, port, logLevel } = httpConfig(process.env);
  const app = createApp((log) => databaseOrReason(process.env, log), { logLevel });
  // Before listening: a task may be told to stop while it starts.
  process.once('SIGTERM', (signal) => void stop(app, signal));
  process.once('SIGINT', (signal) => void stop(app, signal));
  await app.listen({ host, port });
} catch (error) {
  process.stderr.write(`devops-app: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigurationError ? 2 : 1);
}

/** Stops accepting, answers what is in flight, closes idle connections and the database, and exits with 0. */
async function stop(app: FastifyInstance, signal: NodeJS.Signals): Promise<void> {
  app.log.info(`${signal}: finishing what is in flight`);
  const limit = setTimeout(() => {
    app.log.error(`Requests were still in flight after ${drainLimitMs / 1000} s and are cut off`);
    process.exit(1);
  }, drainLimitMs);
  await app.close();
  clearTimeout(limit);
  app.log.info('Stopped');
  process.exit(0);
}
