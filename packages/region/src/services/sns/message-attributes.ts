/** The attributes of a message: checked by AWS's rules, and as documents carry them. */
import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import type { MessageDocument } from './delivery.ts';
import { dataTypeMissing, invalidAttributeValue } from './errors.ts';

export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

/** @throws ParameterValueInvalid with AWS's words */
export function checkAttributes(attributes: MessageAttributes): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    checkName(name);
    checkValue(name, attribute);
  }
}

function checkName(name: string): void {
  const fail = (reason: string): never => {
    throw invalidAttributeValue(reason);
  };
  if (name === '' || name.length > 256) fail('Length of message attribute name must be less than 256 bytes.');
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
    fail(
      `Invalid non-alphanumeric character '${nonAlphanumeric(name)}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.')) fail("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.')) fail("Invalid message attribute name ending with character '.' was found.");
  if (name.includes('..')) fail("Message attribute name can not have successive '.' character.");
}

/** As AWS names it: by its code. */
function nonAlphanumeric(name: string): string {
  const code = (/[^A-Za-z0-9_.-]/u.exec(name)?.[0] ?? '').codePointAt(0) ?? 0;
  return `#x${code.toString(16).toUpperCase()}`;
}

function checkValue(name: string, { DataType = '', StringValue, BinaryValue }: MessageAttributeValue): void {
  if (DataType === '') throw dataTypeMissing(name);
  const [type = ''] = DataType.split('.');
  if (!['String', 'Number', 'Binary'].includes(type)) {
    throw invalidAttributeValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = type === 'Binary' ? 'Binary' : 'String';
  const hasOther = field === 'Binary' ? StringValue !== undefined : BinaryValue !== undefined;
  if (hasOther) {
    throw invalidAttributeValue(
      `The message attribute '${name}' with type '${DataType}' must use field '${field}'.`,
    );
  }
  const hasValue = type === 'Binary' ? (BinaryValue?.length ?? 0) > 0 : (StringValue ?? '') !== '';
  if (!hasValue) {
    throw invalidAttributeValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (type === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(StringValue ?? '')) {
    throw invalidAttributeValue(`Could not cast message attribute '${name}' value to number.`);
  }
}

/** Names, types and values count for the size of a message. */
export function attributesSize(attributes: MessageAttributes): number {
  let size = 0;
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name + DataType + StringValue) + (BinaryValue?.length ?? 0);
  }
  return size;
}

export function documentAttributes(
  attributes: MessageAttributes,
): Pick<MessageDocument, 'MessageAttributes'> {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return {};
  return {
    MessageAttributes: Object.fromEntries(
      entries.map(([name, { DataType = '', StringValue = '', BinaryValue }]) => [
        name,
        { Type: DataType, Value: BinaryValue ? Buffer.from(BinaryValue).toString('base64') : StringValue },
      ]),
    ),
  };
}
