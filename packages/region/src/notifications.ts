/** What SNS sends by and what its links lead to: the mailbox and the relay, HTTP endpoints, the signing key, and the pages. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Mount } from './gateway/http-server.ts';
import { AwsError } from './kernel/aws-error.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Tables } from './kernel/table.ts';
import { HttpDelivery } from './planes/http-delivery/http-delivery.ts';
import { certificatePath, MessageSigner } from './planes/http-delivery/message-signer.ts';
import { MailPlane } from './planes/mail/mail-plane.ts';
import { localLoadBalancers } from './services/elbv2/views.ts';

export interface NotificationOptions {
  readonly home: string;
  readonly tables: Tables;
  readonly endpointUrl: () => string;
  readonly now: () => number;
  readonly smtpUrl?: string;
  readonly snsEndpoints?: 'loopback' | 'any';
}

export interface Notifications {
  readonly mail: MailPlane;
  readonly http: HttpDelivery;
  readonly signer: MessageSigner;
  readonly endpointUrl: () => string;
  close(): void;
}

/** @throws with a text for the user when the URL of the mail server cannot be used */
export function openNotifications(options: NotificationOptions): Notifications {
  const { home, endpointUrl, now, smtpUrl, snsEndpoints } = options;
  const mail = new MailPlane({ mailbox: join(home, 'mail'), ...(smtpUrl !== undefined && { smtpUrl }) });
  const http = new HttpDelivery({
    reachesAll: snsEndpoints === 'any',
    locate: (url) => locateLoadBalancer(options.tables, url),
  });
  return {
    mail,
    http,
    signer: new MessageSigner({ home, endpointUrl, now }),
    endpointUrl,
    close: () => {
      mail.close();
      http.close();
    },
  };
}

/** Host names have no case; load balancers' are shown with one. */
function locateLoadBalancer(tables: Tables, { hostname, port, protocol }: URL): { url?: string } | undefined {
  const balancer = localLoadBalancers(tables).find(({ dnsName }) => dnsName.toLowerCase() === hostname);
  if (!balancer) return undefined;
  const listenerPort = Number(port) || (protocol === 'https:' ? 443 : 80);
  const url = balancer.listeners.find((listener) => listener.listenerPort === listenerPort)?.url;
  return url === undefined ? {} : { url };
}

/** The pages that mails link to, as AWS has them, and the certificate of the signing key. */
export function notificationMounts(
  { signer }: Notifications,
  kernel: Kernel,
  newRequestId: () => string,
): readonly Mount[] {
  const ask = (operation: string, input: object): Promise<unknown> =>
    kernel.request({
      service: 'sns',
      operation,
      input,
      caller: { type: 'Anonymous', arn: '', accountId: '', userId: '' },
      requestId: newRequestId(),
    });
  return [
    {
      prefix: '/confirmation.html?TopicArn=',
      handle: (request, response) => {
        const query = queryOf(request);
        const input = { TopicArn: query.get('TopicArn') ?? '', Token: query.get('Token') ?? '' };
        return answer({ request, response }, 'Subscription confirmed!', async () => {
          const { SubscriptionArn } = (await ask('ConfirmSubscription', input)) as {
            SubscriptionArn: string;
          };
          return ['You have successfully subscribed.', `Your subscription's id is: ${SubscriptionArn}`];
        });
      },
    },
    {
      prefix: '/unsubscribe.html?SubscriptionArn=',
      handle: (request, response) => {
        const SubscriptionArn = queryOf(request).get('SubscriptionArn') ?? '';
        return answer({ request, response }, 'Subscription removed!', async () => {
          await ask('Unsubscribe', { SubscriptionArn });
          return ['Your subscription with the following id has been deactivated:', SubscriptionArn];
        });
      },
    },
    { prefix: certificatePath, handle: (request, response) => sendCertificate(signer, request, response) },
  ];
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams;
}

/** Only GET acts. Mail scanners take a link's head to look at it, and are not to confirm or unsubscribe by that. */
async function answer(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  title: string,
  act: () => Promise<readonly string[]>,
): Promise<void> {
  if (request.method === 'HEAD') return sendPage(response, 200, title, []);
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET, HEAD');
    return sendPage(response, 405, 'This did not work', ['The page is read by GET.']);
  }
  try {
    sendPage(response, 200, title, await act());
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    sendPage(response, error.status, 'This did not work', [error.message]);
  }
}

function sendPage(response: ServerResponse, status: number, title: string, lines: readonly string[]): void {
  const paragraphs = lines.map((line) => `<p>${escaped(line)}</p>`).join('\n');
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    // The address holds a token: it goes nowhere else.
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Simple Notification Service</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem">
<h1>Simple Notification Service</h1>
<h2>${escaped(title)}</h2>
${paragraphs}
</body>
</html>
`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

async function sendCertificate(
  signer: MessageSigner,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const certificate = await signer.certificate((request.url ?? '').replace(/\?.*$/, ''));
  response.writeHead(certificate === undefined ? 404 : 200, { 'content-type': 'application/x-pem-file' });
  response.end(certificate ?? '');
}
