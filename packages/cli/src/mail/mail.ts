import { join } from 'node:path';
import { type KeptMail, listMails, mailSource } from '@plimsoll/region/planes/mail/mailbox.js';
import type { Host } from '../command.ts';
import { UserError } from '../errors.ts';
import { localStatus } from '../region/local-status.ts';
import { requireRegion, runningRegion } from '../region/running-region.ts';
import { homeFor, type LocalFlags } from '../session.ts';
import { confirmationPath } from './confirmation-link.ts';
import { mailListText, mailText, troubleText } from './mail-text.ts';

export interface MailFlags extends LocalFlags {
  readonly to: string | undefined;
  readonly eml: boolean;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runMail(
  host: Host,
  flags: MailFlags,
  action?: string,
  number?: string,
): Promise<number> {
  const home = homeFor(host, flags);
  switch (action) {
    case undefined:
    case 'list':
      return list(host, flags, home);
    case 'show':
      return show(host, flags, { home, number: numberOf(action, number) });
    case 'confirm':
      return confirm(host, flags, { home, number: numberOf(action, number) });
    default:
      throw new UserError([`plimsoll mail: unknown action '${action}'`, 'Actions: list, show, confirm'], 2);
  }
}

function numberOf(action: string, given: string | undefined): number {
  if (given !== undefined && /^[1-9]\d*$/.test(given)) return Number(given);
  const what = given === undefined ? 'needs the number of a mail' : `given '${given}'; allowed: a number`;
  throw new UserError([`plimsoll mail ${action}: ${what}`, 'See the numbers: plimsoll mail'], 2);
}

/** The mailbox is read from the home: confirmation links are secrets that no unsigned API gives away. */
async function list({ terminal }: Host, flags: MailFlags, home: string): Promise<number> {
  const all = await listMails(mailboxOf(home));
  const mails = flags.to === undefined ? all : all.filter(({ to }) => addressOf(to) === flags.to);
  const record = await runningRegion(home);
  const trouble = record && (await localStatus(record.endpoint)).deliveries;
  if (flags.json) {
    terminal.print(JSON.stringify({ mails, ...trouble }, undefined, 2));
    return 0;
  }
  const lines = mailListText(mails, (colour, text) => terminal.paint(colour, text));
  for (const line of [...lines, ...(trouble ? troubleText(trouble) : [])]) terminal.print(line);
  return 0;
}

interface Chosen {
  readonly home: string;
  readonly number: number;
}

async function show({ terminal }: Host, flags: MailFlags, chosen: Chosen): Promise<number> {
  const mail = await findMail(chosen);
  if (flags.json) terminal.print(JSON.stringify(mail, undefined, 2));
  else if (flags.eml) {
    const source = await mailSource(mailboxOf(chosen.home), chosen.number);
    terminal.print(source?.toString().replaceAll('\r\n', '\n').trimEnd() ?? '');
  } else for (const line of mailText(mail)) terminal.print(line);
  return 0;
}

async function confirm({ terminal }: Host, flags: MailFlags, chosen: Chosen): Promise<number> {
  const mail = await findMail(chosen);
  const path = confirmationPath(mail.text);
  if (path === undefined) {
    throw new UserError([
      `Mail ${chosen.number} ("${mail.subject}") has no link that confirms a subscription.`,
      'See which mail asks for it: plimsoll mail',
    ]);
  }
  const { endpoint } = await requireRegion(chosen.home);
  const response = await fetch(`${endpoint}${path}`);
  const said = linesOfPage(await response.text());
  if (!response.ok) throw new UserError([`Mail ${chosen.number} confirms nothing: ${said.join(' ')}`]);
  if (flags.json) terminal.print(JSON.stringify({ confirmed: addressOf(mail.to) }));
  else
    terminal.print(
      `${terminal.paint('green', '✔')} ${addressOf(mail.to)} is subscribed: ${topicOf(path)} sends its messages there.`,
    );
  return 0;
}

async function findMail({ home, number }: Chosen): Promise<KeptMail> {
  const mails = await listMails(mailboxOf(home));
  const mail = mails.find((other) => other.number === number);
  if (mail) return mail;
  const newest = mails.at(-1)?.number;
  throw new UserError(
    newest === undefined
      ? ['There are no mails yet.', 'The region sends them for topics of SNS that have e-mail subscriptions.']
      : [`There is no mail ${number}; the newest is ${newest}.`, 'See the numbers: plimsoll mail'],
  );
}

function mailboxOf(home: string): string {
  return join(home, 'mail');
}

function addressOf(header: string): string {
  return /<([^>]+)>$/.exec(header)?.[1] ?? header;
}

function topicOf(path: string): string {
  const arn = new URL(path, 'http://localhost').searchParams.get('TopicArn') ?? '';
  return arn.split(':').at(-1) ?? '';
}

function linesOfPage(html: string): readonly string[] {
  return [...html.matchAll(/<p>([^<]*)<\/p>/g)].map((match) =>
    (match[1] ?? '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );
}
