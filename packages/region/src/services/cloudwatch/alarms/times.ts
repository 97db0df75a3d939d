/** CloudWatch writes the same instant in three ways; all are UTC. */

/** `2019-10-02T17:04:40.985+0000`, in its documents. */
export function awsTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** `02/10/19 16:59:00`, in reasons. */
export function reasonTime(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}

/** `Friday 22 July, 2022 15:57:45 UTC`, in mails and reasons of composite alarms. */
export function longTime(at: number): string {
  const date = new Date(at);
  const [, time = ''] = date.toISOString().split('T');
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${weekdays[date.getUTCDay()]} ${day} ${months[date.getUTCMonth()]}, ${date.getUTCFullYear()} ${time.slice(0, 8)} UTC`;
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
