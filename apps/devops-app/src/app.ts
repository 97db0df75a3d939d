// The HTTP side: routes, errors, one log line a request. It is told how to reach its database and listens nowhere, so
// tests drive it by `app.inject`.
import type { IncomingMessage } from 'node:http';
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { LogLevel } from './config.ts';
import type { Log, Queryable } from './database.ts';
import { linkRoutes } from './link-routes.ts';
import { appliedMigrations, pendingMigrations, readMigrations } from './migrations.ts';
import { Problem, problemContentType, problemDocument } from './problem.ts';

export interface AppOptions {
  readonly logLevel: LogLevel;
}

export interface ClosableDatabase extends Queryable {
  close(): Promise<void>;
}

/** `connect` gets the app's own log; `app.close()` closes what it returns, after the last request is answered. */
export function createApp(
  connect: (log: Log) => ClosableDatabase,
  { logLevel }: AppOptions,
): FastifyInstance {
  const app = Fastify({
    logger: { level: logLevel, redact: ['req.headers'] },
    logController: new LogController({ disableRequestLogging: true }), // one line a request below, instead of two
    // An idle connection must be closed by the balancer, not by us: were ours the shorter time, a request could meet
    // our closing socket and the client would get a 502.
    // Confirmed by docs: an Application Load Balancer's idle timeout is 60 s by default.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    keepAliveTimeout: 75_000,
    requestTimeout: 30_000,
    bodyLimit: 16 * 1024,
    // While closing, a request on a connection that is still open is answered as always, and told to close it.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
  });
  const database = connect(app.log);
  app.addHook('onClose', () => database.close());
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request) => {
    throw new Problem(404, `There is nothing at ${request.method} ${pathOf(request)}`);
  });
  app.addHook('onResponse', logRequest);
  closeConnectionsWhenDraining(app);

  // Written by hand so that the bytes are those promised: Fastify writes its own header names in lower case.
  app.get('/health', { logLevel: 'warn' }, (_request, reply) => {
    reply.hijack();
    reply.raw
      .writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 3 })
      .end('UP\n');
  });
  app.get('/ready', async () => {
    const pending = pendingMigrations(await readMigrations(), await appliedMigrations(database));
    if (pending.length > 0) {
      const names = pending.map(({ name }) => name).join(', ');
      throw new Problem(503, `Migrations are not applied: ${names}. Run 'node dist/migrate.js'.`);
    }
    return { status: 'ready' };
  });
  linkRoutes(app, database);
  return app;
}

/** A connection whose request was under way when closing began would stay open, idle, for `keepAliveTimeout`. */
function closeConnectionsWhenDraining(app: FastifyInstance): void {
  let isDraining = false;
  app.addHook('preClose', async () => {
    isDraining = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining) reply.header('connection', 'close');
  });
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const document = problemDocument(error);
  if (document.status >= 500) request.log.error({ err: error }, 'The request failed');
  if (document.status === 503) reply.header('retry-after', '5');
  reply.code(document.status).type(problemContentType).send(JSON.stringify(document));
}

async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  request.log.info(
    {
      method: request.method,
      path: pathOf(request),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      traceId: request.headers['x-amzn-trace-id'],
    },
    'request',
  );
}

/** Without the query string, which is the client's and may hold anything. */
function pathOf(request: FastifyRequest<{ Params: unknown }>): string {
  const raw: IncomingMessage = request.raw;
  return (raw.url ?? '/').split('?', 1)[0] ?? '/';
}
