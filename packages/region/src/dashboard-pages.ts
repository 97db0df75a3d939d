import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DashboardWorld, dashboardNames, dashboardPage } from './services/cloudwatch/dashboards/page.ts';

/**
 * `/_plimsoll/dashboards` lists the dashboards, `/_plimsoll/dashboards/NAME` is one as a page. They show metrics and
 * alarms and no secrets, so they are not signed; another origin's page cannot read them.
 */
export async function answerDashboards(
  world: () => DashboardWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*$/, '');
  const name = decodeURIComponent(path.replace(/^\/_plimsoll\/dashboards\/?/, ''));
  if (name === '' && request.method === 'GET') {
    const names = dashboardNames(world().tables);
    return send(response, 200, 'application/json', `${JSON.stringify({ dashboards: names })}\n`);
  }
  const page = request.method === 'GET' ? await dashboardPage(world(), name) : undefined;
  if (page !== undefined) return send(response, 200, 'text/html', page);
  const message = `${request.method} ${path}: there is no dashboard of this name`;
  send(response, 404, 'application/json', `${JSON.stringify({ message })}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
  });
  response.end(body);
}
