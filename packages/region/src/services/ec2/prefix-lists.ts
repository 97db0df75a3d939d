/** AWS's own prefix lists, which gateway endpoints route by. */
export interface PrefixList {
  readonly prefixListId: string;
  readonly name: string;
}

// Known: the ids of eu-central-1. Chosen: elsewhere an id derived from the region's name, since AWS's differ per region.
const known: { readonly [name: string]: string } = {
  'com.amazonaws.eu-central-1.s3': 'pl-6ea54007',
  'com.amazonaws.eu-central-1.dynamodb': 'pl-66a5400f',
};

export function prefixLists(region: string): PrefixList[] {
  return ['s3', 'dynamodb'].map((service) => {
    const name = `com.amazonaws.${region}.${service}`;
    return { name, prefixListId: known[name] ?? `pl-${hash(name)}` };
  });
}

/** FNV-1a, as eight hexadecimal digits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
