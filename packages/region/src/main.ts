/**
 * The region as a process: options come as one JSON argument, messages leave as JSON lines on standard output. It ends on
 * SIGTERM or SIGINT, and, started with a pipe on standard input and `untilStdinEnds`, when whoever started it is gone.
 */
import { type RegionOptions, startRegion } from './region.ts';

type ProcessOptions = Omit<RegionOptions, 'report' | 'credentials'> & { readonly untilStdinEnds?: boolean };

const options = JSON.parse(process.argv[2] ?? '{}') as ProcessOptions;
// Not on the command line, which every user of the machine can read.
const { PLIMSOLL_ACCESS_KEY_ID: accessKeyId, PLIMSOLL_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
// The same: it may hold a password.
const { PLIMSOLL_SMTP_URL: smtpUrl, PLIMSOLL_SNS_ENDPOINTS: reach } = process.env;
const notifications = {
  ...(smtpUrl ? { smtpUrl } : {}),
  ...(reach === 'any' ? { snsEndpoints: 'any' as const } : {}),
};
const credentials = accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {};
const say = (message: object): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);

try {
  const region = await startRegion({ ...options, ...credentials, ...notifications, report: say });
  say({
    code: 'started',
    level: 'info',
    text: `The region answers at ${region.endpoint}.`,
    endpoint: region.endpoint,
  });
  let closing = false;
  const close = async (): Promise<void> => {
    if (closing) return;
    closing = true;
    await region.close();
    say({ code: 'stopped', level: 'info', text: 'The region has stopped.' });
    process.exit(0);
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
  process.stdout.on('error', close);
  if (options.untilStdinEnds) process.stdin.on('end', close).on('error', close).resume();
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown }).code;
  say({ code: 'start-failed', level: 'error', text, ...(typeof code === 'string' && { cause: code }) });
  process.exit(1);
}
