// Chosen: zone a of an account is the zone with id az1, b az2 and so on. On AWS the pairing differs per account.

const letters: { readonly [region: string]: string } = {
  'us-east-1': 'abcdef',
  'us-west-1': 'ab',
  'us-west-2': 'abcd',
  'ca-central-1': 'abd',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'sa-east-1': 'abc',
};

/** The zone names of a region: for instance `eu-central-1a`, `-1b`, `-1c`. */
export function zonesOf(region: string): string[] {
  return [...(letters[region] ?? 'abc')].map((letter) => region + letter);
}

/** Confirmed by docs: ids are the same for all accounts, such as `euc1-az2`. */
export function zoneIdOf(zone: string): string {
  const region = zone.slice(0, -1);
  return `${shortName(region)}-az${zonesOf(region).indexOf(zone) + 1}`;
}

const directions: { readonly [word: string]: string } = {
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

/** eu-central-1 → euc1, ap-southeast-2 → apse2, us-gov-west-1 → usgw1. */
function shortName(region: string): string {
  const [area = '', ...rest] = region.split('-');
  return area + rest.map((word) => directions[word] ?? word.charAt(0)).join('');
}

/** The regions that every account has without opting in. */
export const regionNames: readonly string[] = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];
