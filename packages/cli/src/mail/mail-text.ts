import type { KeptMail } from '@plimsoll/region/planes/mail/mailbox.js';
import type { LocalDeliveries } from '../region/local-status.ts';
import type { Colour } from '../render/terminal.ts';
import { confirmationPath } from './confirmation-link.ts';

type Paint = (colour: Colour, text: string) => string;

/** One line for each mail, oldest first. */
export function mailListText(mails: readonly KeptMail[], paint: Paint): readonly string[] {
  if (mails.length === 0) return ['No mails.'];
  const width = Math.max(...mails.map(({ number }) => String(number).length));
  const address = Math.max(...mails.map(({ to }) => to.length));
  return mails.map((mail) => {
    const hint = confirmationPath(mail.text) === undefined ? '' : `plimsoll mail confirm ${mail.number}`;
    const parts = [
      String(mail.number).padStart(width),
      shownTime(mail.date),
      printable(mail.to).padEnd(address),
      printable(mail.subject),
      ...(hint === '' ? [] : [paint('dim', hint)]),
    ];
    return parts.join('  ');
  });
}

/** As its recipient reads it. */
export function mailText(mail: KeptMail): readonly string[] {
  return [
    `From: ${printable(mail.from)}`,
    `To: ${printable(mail.to)}`,
    `Date: ${mail.date}`,
    `Subject: ${printable(mail.subject)}`,
    '',
    ...mail.text.trimEnd().split('\n').map(printable),
  ];
}

export function troubleText({ waiting, failed }: LocalDeliveries): readonly string[] {
  const lines = [
    ...waiting.map(
      ({ endpoint, subject, reason, attempts, nextAttempt }) =>
        `Not delivered yet: ${named(endpoint, subject)}: ${reason}. Attempts: ${attempts}; next: ${shownTime(nextAttempt ?? '')}`,
    ),
    ...failed.map(
      ({ endpoint, subject, reason, attempts, at }) =>
        `Given up ${shownTime(at)}: ${named(endpoint, subject)}: ${reason}. Attempts: ${attempts}`,
    ),
  ];
  return lines.length === 0 ? [] : ['', ...lines.map(printable)];
}

function named(endpoint: string, subject: string | undefined): string {
  return subject === undefined ? endpoint : `${endpoint}, "${subject}"`;
}

/** To the second: `2026-11-22 19:07:42Z`. */
function shownTime(date: string): string {
  return date.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

/** A mail's words come from whoever may publish: they move no cursor and set no colours. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, '\u{fffd}');
}
