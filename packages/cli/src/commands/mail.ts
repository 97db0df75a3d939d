import { defineCommand } from '../command.ts';
import { definitionFlag, homeFlag, jsonFlag } from '../common-flags.ts';
import { runMail } from '../mail/mail.ts';

export const mail = defineCommand({
  name: 'mail',
  summary: 'the mails that the region sent: list them, read one, confirm a subscription',
  arguments: [
    { name: 'ACTION', text: 'show, or confirm; without one the mails are listed' },
    { name: 'NUMBER', text: 'which mail, as the list numbers them' },
  ],
  details: [
    'show prints a mail as its recipient reads it; --eml as it was sent, for mail programs.',
    'confirm follows the link of a mail that asks whether a subscription is wanted.',
    'Mails are files in the folder mail of the home: they are listed also when no region runs.',
  ],
  flags: {
    to: { type: 'string', value: 'ADDRESS', text: 'only mails to this address' },
    eml: { type: 'boolean', text: 'with show: the message as it was sent (RFC 5322)' },
    home: homeFlag,
    definition: definitionFlag,
    json: jsonFlag,
  },
  run: runMail,
});
