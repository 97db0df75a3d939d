// Confirmed by docs: cloudformation-limits. Bytes where a text is measured.
export const limits = {
  resources: 500,
  parameters: 200,
  outputs: 200,
  mappings: 200,
  mappingAttributes: 200,
  templateBodyBytes: 51_200,
  templateUrlBytes: 1_048_576,
  descriptionBytes: 1024,
  parameterValueBytes: 4096,
  nameCharacters: 255,
  stacks: 2000,
  dynamicReferences: 60,
} as const;

export function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
