import type { Mail } from '../../services/sns/ports.ts';

/** Confirmed by docs: the sender of SNS's mails. */
const sender = 'no-reply@sns.amazonaws.com';

/** The mail as a message of RFC 5322, its text in UTF-8. Nodemailer is loaded with the first mail. */
export async function compose(mail: Mail, from = sender): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const composer = new MailComposer({
    from: { name: mail.senderName, address: from },
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    date: new Date(mail.date),
    messageId: `<${mail.messageId}@sns.amazonaws.com>`,
    // Lines stay as they were written: without an encoding long ones would be wrapped.
    textEncoding: 'quoted-printable',
    // Text is data here: `path` and `href` are never read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
